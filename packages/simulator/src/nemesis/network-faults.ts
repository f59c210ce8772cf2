import type { FaultTable, Victims } from './nemesis.ts';

type NetworkFaultKind =
  | 'freeze'
  | 'partition'
  | 'isolate'
  | 'black-hole'
  | 'cut'
  | 'one-way-cut'
  | 'slow-link'
  | 'lossy'
  | 'reset'
  | 'client-cut';

/** Messages are late, lost, or have nowhere to go. A fault is of the members that are there when it begins. */
export const networkFaults: FaultTable<NetworkFaultKind> = {
  partition: (victims, { kind, sides }) => {
    victims.count(kind);
    return victims.network.faults.partition(sides.map((side) => side.map((slot) => member(victims, slot))));
  },

  isolate: (victims, { kind, slot }) => {
    victims.count(kind);
    return victims.network.faults.isolate(member(victims, slot));
  },

  'black-hole': (victims, { kind, slot }) => {
    victims.count(kind);
    return victims.network.faults.silence(member(victims, slot));
  },

  cut: (victims, { kind, from, to }) => {
    victims.count(kind);
    return victims.network.faults.cut(member(victims, from), member(victims, to));
  },

  'one-way-cut': (victims, { kind, from, to }) => {
    victims.count(kind);
    return victims.network.faults.cutOneWay(member(victims, from), member(victims, to));
  },

  freeze: (victims, { kind, from, to }) => {
    victims.count(kind);
    return victims.network.faults.freeze(member(victims, from), member(victims, to));
  },

  'slow-link': (victims, { kind, from, to, delayMs, bytesPerMs }) => {
    victims.count(kind);
    return victims.network.faults.slow(member(victims, from), member(victims, to), { delayMs, bytesPerMs });
  },

  lossy: ({ cluster, network, count }, { kind, loss, duplicate, reorder }) => {
    count(kind);
    const quality = { loss, duplication: duplicate, reordering: reorder };
    const { members } = cluster;
    const ends = members.flatMap((from) => members.filter((to) => to !== from).map((to) => network.faults.lossy(from, to, quality)));
    return () => {
      for (const end of ends) end();
    };
  },

  reset: (victims, { kind, slot }) => {
    victims.count(kind);
    const one = member(victims, slot);
    for (const other of victims.cluster.members) if (other !== one) victims.network.reset(one, other);
    return null;
  },

  'client-cut': ({ cuts, cluster, count }, { kind, client, slot }) => {
    count(kind);
    return cuts.cut(client, cluster.host(slot));
  },
};

function member({ cluster }: Victims, slot: number): number {
  return cluster.host(slot).member;
}
