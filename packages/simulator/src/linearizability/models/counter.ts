import { impossible, type Model, type ModelCall, unknownCall } from '../model.ts';

interface CounterCall extends ModelCall {
  readonly amount: number;
  /** The number that the answer shows; null where it shows none. */
  readonly total: number | null;
}

/** A number that begins at 0. `add` (input: how much, 1 where null; answer: the new number, or null), `read` (answer: the number). */
export const counter: Model<number, CounterCall> = {
  name: 'counter',
  init: 0,
  read(operation) {
    const { f, input, output, outcome } = operation;
    const total = outcome === 'ok' && typeof output === 'number' ? output : null;
    const answered = total !== null || outcome !== 'ok';
    if (f === 'read' && answered) return { amount: 0, total, readOnly: true };
    const amount = input ?? 1;
    if (f === 'add' && typeof amount === 'number' && (answered || output === null || output === undefined)) {
      return { amount, total, readOnly: false };
    }
    throw unknownCall('counter', operation, 'add (a number; the new number or null), read (a number)');
  },
  step(state, { amount, total }) {
    const next = state + amount;
    return total === null || total === next ? next : impossible;
  },
  describe: String,
};
