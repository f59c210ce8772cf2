import type { VirtualTime } from './virtual-time.ts';

/** The same object, but that virtual time passes while anything that its methods promise is not settled, or a stream has nothing yet. */
export function attended<T extends object>(target: T, time: VirtualTime): T {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value === 'function') return (...given: readonly unknown[]) => result(Reflect.apply(value, from, given), time);
      return typeof value === 'object' && value !== null ? attended(value, time) : value;
    },
  });
}

function result(value: unknown, time: VirtualTime): unknown {
  // Calls have deadlines of their own, and streams end with their client.
  if (value instanceof Promise) return time.settle(value);
  return isStream(value) ? attended(value, time) : value;
}

function isStream(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
