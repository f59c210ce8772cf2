import type { CommittedCommand } from './contract.ts';
import type { CommandContext } from './definition.ts';
import { nextFraction, nextUuid, seededWords } from './deterministic-random.ts';

/** The context of a committed command; its random draws depend on index and term alone. */
export function contextOf({ index, term, time, session = null, timer = null }: Omit<CommittedCommand, 'payload'>): CommandContext {
  // Seeded on first use: most commands never draw.
  let words: (() => number) | null = null;
  const draw = (): number => {
    words ??= seededWords(index, term);
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
    schedule: () => {},
    cancel: () => {},
    effect: () => {},
  };
}
