import type { VirtualTime } from './virtual-time.ts';

/** How long a call may take in virtual time, in milliseconds: calls have deadlines of their own, and those are sooner. */
const callMs = 3_600_000;

/** The same object, but that virtual time passes while anything that its methods promise is not settled. */
export function attended<T extends object>(target: T, time: VirtualTime): T {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value === 'function')
        return (...given: readonly unknown[]) => {
          const result: unknown = Reflect.apply(value, from, given);
          return result instanceof Promise ? time.settle(result, callMs) : result;
        };
      return typeof value === 'object' && value !== null ? attended(value, time) : value;
    },
  });
}
