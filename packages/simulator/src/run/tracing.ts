import type { Message } from '@flotilla/core';
import type { World } from '../engine/world.ts';
import type { Observer } from '../watch/observer.ts';

/** Puts into the trace what the hosts do: each step, each message, each batch that is applied. */
export function tracing(world: World): Observer {
  const { trace } = world;
  return {
    onStep: (member, { input, after }) =>
      trace.note(world.now, 'step', member, after.term, after.log.lastIndex, after.commitIndex + input.kind.length),
    onSend: (from, to, message) => trace.note(world.now, 'send', from, to, message.kind.length, termOf(message)),
    onDurable: (member, { log }) => trace.note(world.now, 'durable', member, log.lastIndex),
    onApplied: (member, { commands }) => trace.note(world.now, 'applied', member, commands.at(-1)?.index ?? 0, commands.length),
  };
}

function termOf(message: Message): number {
  return 'term' in message ? message.term : 0;
}
