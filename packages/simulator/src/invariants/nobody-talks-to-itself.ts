import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'nobody-talks-to-itself';

/** Messages go to other members. */
export function nobodyTalksToItself(): Invariant {
  return {
    name,
    source: 'paper 5.1',
    onSend(from, to, message) {
      if (from === to) throw new Violation(name, `member ${from} sends itself a ${message.kind}`);
    },
  };
}
