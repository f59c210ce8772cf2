import { describeIdentity, type ValueIdentity } from '../../history/exact-value.ts';
import { impossible, type ModelCall } from '../model.ts';

/** A call of a place for one value, where null is no value. */
export type CellCall = ModelCall &
  (
    | { readonly kind: 'read'; readonly known: boolean; readonly value: ValueIdentity }
    | { readonly kind: 'write'; readonly value: ValueIdentity }
    /** `existed` and `swapped` are null where nobody knows. */
    | { readonly kind: 'delete'; readonly existed: boolean | null }
    | { readonly kind: 'swap'; readonly expected: ValueIdentity; readonly value: ValueIdentity; readonly swapped: boolean | null }
  );

export function stepCell(state: ValueIdentity, call: CellCall): ValueIdentity | typeof impossible {
  switch (call.kind) {
    case 'read':
      return !call.known || state === call.value ? state : impossible;
    case 'write':
      return call.value;
    case 'delete':
      return call.existed === null || call.existed === (state !== null) ? null : impossible;
    case 'swap': {
      const matches = state === call.expected;
      if (call.swapped !== null && call.swapped !== matches) return impossible;
      return matches ? call.value : state;
    }
  }
}

export function describeCell(state: ValueIdentity): string {
  return state === null ? 'nothing' : describeIdentity(state);
}
