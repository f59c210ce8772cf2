import { type DiskProfile, diskProfile } from '../disk/disk-profile.ts';
import { calmNetwork, type NetworkProfile } from '../network/network-profile.ts';
import type { DiskPlan, NetworkPlan } from '../plan/plan.ts';

export function networkProfileOf({ delayMs, jitterMs, loss, duplicate, reorder, throughCodec }: NetworkPlan): NetworkProfile {
  const datagrams = duplicate > 0 || reorder > 0;
  return { ...calmNetwork, delayMs, jitterMs, loss, duplication: duplicate, reordering: reorder, datagrams, throughCodec };
}

export function diskProfileOf({ writeMs, syncMs }: DiskPlan): DiskProfile {
  return diskProfile({ writeMs, syncMs });
}
