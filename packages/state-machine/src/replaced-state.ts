import { describeUnsupported, isPlainObject } from './codec/format.ts';
import { MachineError } from './machine-error.ts';

/**
 * Throws a `MachineError` with code `machine_defect` where the handler of `event` returned what is of another kind than the state `before`
 * it, and than the initial one.
 *
 * An arrow without a block returns what its assignment or its `push` does, and that is seldom the state. What cannot be changed in place
 * gives no occasion for that, and a state may always go back to what it was at first, such as null.
 */
export function assertReplaces(event: string, before: unknown, returned: unknown, initialState: () => unknown): void {
  if (typeof before !== 'object' || before === null) return;
  const [kindBefore, kind] = [kindOf(before), kindOf(returned)];
  if (kind === kindBefore || kind === kindOf(initialState())) return;
  throw new MachineError(
    'machine_defect',
    `the handler of ${event} returned ${kind} in place of the state, which is ${kindBefore}: use a block body or return the whole state`,
    'Write (state) => { state.count += 1; } rather than (state) => (state.count += 1).',
  );
}

/** What `value` is, in words. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  return isPlainObject(value) ? 'an object' : describeUnsupported(value);
}
