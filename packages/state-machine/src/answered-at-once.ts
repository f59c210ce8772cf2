import { MachineError } from './machine-error.ts';

/**
 * What a handler returned. Throws a `MachineError` with code `machine_defect` for a promise: the log does not wait for it. Should that
 * promise fail later, nobody hears of it, which would otherwise end the process.
 */
export function answeredAtOnce<T>(handler: string, value: T): T {
  if (!isThenable(value)) return value;
  value.then(undefined, () => {});
  throw new MachineError('machine_defect', `the handler of ${handler} returned a promise`, 'Handlers wait for nothing: see ctx.effect.');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
