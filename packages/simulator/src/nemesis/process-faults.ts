import type { SimHost } from '../cluster/sim-host.ts';
import type { FaultTable, Victims } from './nemesis.ts';

/** Processes die, lose power, or stand still. */
export const processFaults: FaultTable<'crash' | 'power-cut' | 'power-cut-all' | 'pause'> = {
  crash: ({ cluster, operator, count }, { kind, slot }) => {
    const host = cluster.host(slot);
    if (host.process === null) return null;
    count(kind);
    return keptDown(operator, host, () => host.kill());
  },

  'power-cut': ({ cluster, operator, count }, { kind, slot }) => {
    const host = cluster.host(slot);
    if (host.process === null) return null;
    count(kind);
    return keptDown(operator, host, () => host.cutPower());
  },

  'power-cut-all': ({ cluster, operator, count }, { kind }) => {
    count(kind);
    const ends = cluster.hosts.map((host) => keptDown(operator, host, () => host.cutPower()));
    return () => {
      for (const end of ends) end();
    };
  },

  pause: ({ cluster, count }, { kind, slot }) => {
    const { process } = cluster.host(slot);
    if (process === null || process.paused) return null;
    count(kind);
    process.pause();
    return () => process.resume();
  },
};

/** The operator does not start the host before the fault is over. */
function keptDown(operator: Victims['operator'], host: SimHost, fell: () => void): () => void {
  const release = operator.hold(host);
  fell();
  return () => {
    release();
    host.start();
  };
}
