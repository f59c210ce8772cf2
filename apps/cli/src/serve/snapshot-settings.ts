import type { HostLimits } from '@flotilla/runtime';
import { defaultSnapshotPolicy, type SnapshotPolicy } from '@flotilla/snapshot';
import type { ServeConfig } from './serve-config.ts';

/** What the `snapshot` section of a configuration means to the parts of a host. */
export interface SnapshotSettings {
  readonly snapshot: SnapshotPolicy;
  readonly raft: { readonly trailingEntries?: number };
  readonly limits: Partial<HostLimits>;
}

/** A member stores its state by itself, also where its configuration says nothing; what it says replaces all bounds. */
export function snapshotSettings({ snapshot }: Pick<ServeConfig, 'snapshot'>): SnapshotSettings {
  const { entries, bytes, everySeconds, keepEntries, bytesPerSecond } = snapshot;
  const said: SnapshotPolicy = {
    ...(entries === undefined ? {} : { entries }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(everySeconds === undefined ? {} : { everyMs: 1000 * everySeconds }),
  };
  return {
    snapshot: Object.keys(said).length > 0 ? said : defaultSnapshotPolicy,
    raft: keepEntries === undefined ? {} : { trailingEntries: keepEntries },
    limits: bytesPerSecond === undefined ? {} : { snapshotBytesPerSecondMax: bytesPerSecond },
  };
}
