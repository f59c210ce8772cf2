import type { FaultTable } from './nemesis.ts';

/** What operators do with a running cluster, at bad moments. */
export const operatorFaults: FaultTable<'snapshot' | 'transfer' | 'replace' | 'upgrade'> = {
  snapshot: ({ cluster, count }, { kind, slot }) => {
    const { group } = cluster.host(slot);
    if (group === null) return null;
    // A member that has applied nothing yet, or dies meanwhile, takes none.
    group.takeSnapshot().then(
      () => count(kind),
      () => {},
    );
    return null;
  },

  transfer: ({ cluster, count }, { kind, slot }) => {
    const leader = cluster.leader();
    const target = cluster.host(slot);
    if (leader === null || leader === target) return null;
    leader.group?.transferLeadership(target.member, { timeoutMs: 5000 }).then(
      () => count(kind),
      () => {},
    );
    return null;
  },

  replace: ({ cluster, operator, count }, { kind, slot }) => {
    if (operator.replaceSoon(cluster.host(slot))) count(kind);
    return null;
  },

  upgrade: ({ cluster, count }, { kind, slot, build }) => {
    const host = cluster.host(slot);
    if (host.process === null) return null;
    count(kind);
    host.kill();
    host.build = build;
    host.start();
    return null;
  },
};
