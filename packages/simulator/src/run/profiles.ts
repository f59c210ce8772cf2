import { type DiskProfile, diskProfile } from '../disk/disk-profile.ts';
import { calmNetwork, type NetworkProfile } from '../network/network-profile.ts';
import type { DiskPlan, NetworkPlan } from '../plan/plan.ts';

export function networkProfileOf({ duplicate, reorder, ...plan }: NetworkPlan): NetworkProfile {
  return { ...calmNetwork, ...plan, duplication: duplicate, reordering: reorder };
}

export function diskProfileOf({ writeMs, syncMs }: DiskPlan): DiskProfile {
  return diskProfile({ writeMs, syncMs });
}
