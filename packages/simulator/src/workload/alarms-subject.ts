import type { Subject } from '../run/subject.ts';
import { alarms } from './alarms.ts';
import { alarmsRingOnce } from './alarms-ring-once.ts';
import type { SimCall, Workload } from './workload.ts';

const names = Array.from({ length: 40 }, (_, n) => `alarm ${n}`);

/** Alarms of a few milliseconds or seconds, some of them taken back, and reads. */
const workload: Workload = ({ serial, random }): SimCall => {
  const name = random.pick(names);
  const kind = random.next();
  if (kind < 0.2) return { kind: 'query', name: 'counts', input: undefined, consistency: 'linearizable' };
  if (kind < 0.3) return { kind: 'command', name: 'cancel', input: { name, serial } };
  return { kind: 'command', name: 'set', input: { name, serial, inMs: Math.ceil(random.exponential(random.pick([5, 200, 2000]))) } };
};

/** Timers and effects, as campaigns run them. Now and then an effect fails, and is tried again. */
export const alarmsSubject: Subject = {
  machine: alarms,
  workload,
  serialOf: ({ input }) => (input as { readonly serial?: number }).serial ?? null,
  invariants: () => [alarmsRingOnce()],
  effects: () => ({
    tell: (_data, { attempt, index }) => {
      if (attempt === 1 && index % 5 === 0) throw new Error('nobody answers');
      return null;
    },
  }),
};
