import type { World } from '../engine/world.ts';
import type { Observer } from '../watch/observer.ts';

/** Puts into the trace what the hosts do: each step, each write, each batch that is applied. The network tells of messages itself. */
export function tracing(world: World): Observer {
  const { trace } = world;
  return {
    onStep: (member, { input, after }) =>
      trace.note(world.now, 'step', member, after.term, after.log.lastIndex, after.commitIndex + input.kind.length),
    onDurable: (member, { log }) => trace.note(world.now, 'durable', member, log.lastIndex),
    onApplied: (member, { requests }) => trace.note(world.now, 'applied', member, requests.at(-1)?.index ?? 0, requests.length),
  };
}
