import type { FaultTable } from './nemesis.ts';

/** Clocks are set, and run fast or slow. */
export const clockFaults: FaultTable<'clock-jump' | 'clock-drift'> = {
  'clock-jump': ({ cluster, count }, { kind, slot, byMs }) => {
    count(kind);
    cluster.host(slot).clock.jump(byMs);
    return null;
  },

  'clock-drift': ({ cluster, count }, { kind, slot, rate }) => {
    count(kind);
    const { clock } = cluster.host(slot);
    clock.drift(rate);
    return () => clock.drift(1);
  },
};
