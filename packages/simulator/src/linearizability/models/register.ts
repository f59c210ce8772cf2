import { type ValueIdentity, valueIdentity } from '../../history/exact-value.ts';
import type { Operation } from '../../history/operation.ts';
import { type Model, unknownCall } from '../model.ts';
import { type CellCall, describeCell, stepCell } from './cell.ts';
import { yesOrNo } from './yes-or-no.ts';

/**
 * A register, in the words of Jepsen. `write` (input: the value), `read` (answer: the value, null for none), `cas` (input: expected
 * and new value, `[old, new]`; answer: whether it was set).
 */
export const register: Model<ValueIdentity, CellCall> = {
  name: 'register',
  init: null,
  read(operation) {
    const { f, input, output, outcome } = operation;
    if (f === 'read') return { kind: 'read', known: outcome === 'ok', value: valueIdentity(output), readOnly: true };
    if (f === 'write') return { kind: 'write', value: valueIdentity(input), readOnly: false };
    if (f === 'cas' && Array.isArray(input) && input.length === 2) {
      const swapped = swappedOf(operation);
      const [expected, value]: readonly unknown[] = input;
      if (swapped !== undefined) {
        return { kind: 'swap', expected: valueIdentity(expected), value: valueIdentity(value), swapped, readOnly: swapped === false };
      }
    }
    throw unknownCall('register', operation, 'write, read, cas ([old, new]; true or false)');
  },
  step: stepCell,
  describe: describeCell,
};

/** In Jepsen's histories a cas that was set is answered with its own input. */
function swappedOf(operation: Operation): boolean | null | undefined {
  return operation.outcome === 'ok' && Array.isArray(operation.output) ? true : yesOrNo(operation, true);
}
