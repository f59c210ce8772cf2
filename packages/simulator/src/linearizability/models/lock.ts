import { describeIdentity, type ValueIdentity, valueIdentity } from '../../history/exact-value.ts';
import { impossible, type Model, type ModelCall, unknownCall } from '../model.ts';
import { yesOrNo } from './yes-or-no.ts';

type LockCall = ModelCall &
  (
    | { readonly kind: 'acquire' | 'release'; readonly holder: ValueIdentity; readonly done: boolean | null }
    | { readonly kind: 'holder'; readonly known: boolean; readonly holder: ValueIdentity }
  );

/**
 * A lock, held by one at a time and not by the same one twice. `acquire` and `release` (input: who, the process where null; answer:
 * whether it was free, or theirs), `holder` (answer: who holds it, null for nobody).
 */
export const lock: Model<ValueIdentity, LockCall> = {
  name: 'lock',
  init: null,
  read(operation) {
    const { f, input, output, outcome, process } = operation;
    if (f === 'holder') return { kind: f, known: outcome === 'ok', holder: valueIdentity(output), readOnly: true };
    const done = yesOrNo(operation, true);
    if ((f !== 'acquire' && f !== 'release') || done === undefined) {
      throw unknownCall('lock', operation, 'acquire, release (true or false), holder');
    }
    return { kind: f, holder: valueIdentity(input ?? process), done, readOnly: done === false };
  },
  step(state, call) {
    if (call.kind === 'holder') return !call.known || state === call.holder ? state : impossible;
    const { kind, holder, done } = call;
    const can = kind === 'acquire' ? state === null : state === holder;
    if (done !== null && done !== can) return impossible;
    if (!can) return state;
    return kind === 'acquire' ? holder : null;
  },
  describe: (state) => (state === null ? 'free' : `held by ${describeIdentity(state)}`),
};
