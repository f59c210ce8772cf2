import type { Operation } from '../history/operation.ts';
import { impossible, type Model, unknownCall } from '../linearizability/model.ts';

type State = string | null;

type Call =
  | { readonly kind: 'get'; readonly value: State; readonly known: boolean; readonly readOnly: true }
  | { readonly kind: 'put' | 'append'; readonly value: string; readonly readOnly: false }
  | { readonly kind: 'remove'; readonly readOnly: false }
  | {
      readonly kind: 'swap';
      readonly expected: State;
      readonly value: string;
      readonly refused: boolean | null;
      readonly readOnly: boolean;
    };

/** What the machine `registers` should look like from outside, key by key. */
export const registersModel: Model<State, Call> = {
  name: 'registers',
  init: null,
  read(operation: Operation): Call {
    const { f, input, output, outcome } = operation;
    const known = outcome === 'ok';
    if (f === 'get') return { kind: 'get', value: (output ?? null) as State, known, readOnly: true };
    if (f === 'put' || f === 'append') return { kind: f, value: input as string, readOnly: false };
    if (f === 'remove') return { kind: 'remove', readOnly: false };
    if (f === 'compareAndSet') {
      const { expected, value } = input as { readonly expected: State; readonly value: string };
      const refused = known ? typeof output === 'object' && output !== null && 'refused' in output : null;
      return { kind: 'swap', expected, value, refused, readOnly: refused === true };
    }
    throw unknownCall('registers', operation, 'get, put, append, remove, compareAndSet');
  },
  step(state, call) {
    switch (call.kind) {
      case 'get':
        return !call.known || state === call.value ? state : impossible;
      case 'put':
        return call.value;
      case 'append':
        return (state ?? '') + call.value;
      case 'remove':
        return null;
      case 'swap': {
        const matches = state === call.expected;
        if (call.refused === matches) return impossible;
        return matches ? call.value : state;
      }
    }
  },
  describe: (state) => (state === null ? 'nothing' : JSON.stringify(state)),
};
