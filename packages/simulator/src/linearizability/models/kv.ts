import { type ValueIdentity, valueIdentity } from '../../history/exact-value.ts';
import { type Model, unknownCall } from '../model.ts';
import { type CellCall, describeCell, stepCell } from './cell.ts';
import { yesOrNo } from './yes-or-no.ts';

/**
 * A key-value store. `put` (input: the value), `get` (answer: the value, null for none), `delete` (answer: whether there was one,
 * or null), `compare-and-set` (input: `{ expected, value }`; answer: whether it was set).
 */
export const kv: Model<ValueIdentity, CellCall> = {
  name: 'kv',
  init: null,
  read(operation) {
    const { f, input, output, outcome } = operation;
    if (f === 'get') return { kind: 'read', known: outcome === 'ok', value: valueIdentity(output), readOnly: true };
    if (f === 'put') return { kind: 'write', value: valueIdentity(input), readOnly: false };
    if (f === 'delete') {
      const existed = yesOrNo(operation, null);
      if (existed !== undefined) return { kind: 'delete', existed, readOnly: existed === false };
    }
    if (f === 'compare-and-set' && isSwap(input)) {
      const swapped = yesOrNo(operation, true);
      const { expected, value } = input;
      if (swapped !== undefined) {
        return { kind: 'swap', expected: valueIdentity(expected), value: valueIdentity(value), swapped, readOnly: swapped === false };
      }
    }
    throw unknownCall('kv', operation, 'put, get, delete (true, false or null), compare-and-set ({ expected, value }; true or false)');
  },
  step: stepCell,
  describe: describeCell,
};

function isSwap(input: unknown): input is { readonly expected: unknown; readonly value: unknown } {
  return typeof input === 'object' && input !== null && 'expected' in input && 'value' in input;
}
