import type { CommandContext } from './context.ts';
import type { CommittedCommand } from './contract.ts';
import { nextFraction, nextUuid, seededWords } from './deterministic-random.ts';
import type { FollowUps } from './follow-ups.ts';

/** The context of a committed command; its random draws depend on index, term and ordinal alone. What it asks for is in `followUps`. */
export function contextOf(committed: Omit<CommittedCommand, 'payload'>, followUps: FollowUps): CommandContext {
  const { index, term, time, session = null, timer = null, ordinal = 0 } = committed;
  // Seeded on first use: most commands never draw.
  let words: (() => number) | null = null;
  const draw = (): number => {
    words ??= seededWords(index, term, ordinal);
    return words();
  };
  return {
    index,
    term,
    now: time,
    session,
    timer,
    random: () => nextFraction(draw),
    uuid: () => nextUuid(draw),
    schedule: (id, scheduled) => followUps.schedule(id, scheduled),
    cancel: (id) => followUps.cancel(id),
    effect: (type, data, options) => followUps.effect(type, data, options),
  };
}
