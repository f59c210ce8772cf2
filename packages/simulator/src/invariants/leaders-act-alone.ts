import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'leaders-act-alone';

/** What only a leader says, only the one leader of that term says. */
export function leadersActAlone({ leaderships }: Knowledge): Invariant {
  return {
    name,
    source: 'paper 5.2',
    onSend(from, _to, message) {
      switch (message.kind) {
        case 'append':
        case 'heartbeat':
        case 'snapshot-chunk':
        case 'timeout-now': {
          const leader = leaderships.of(message.term)?.member;
          if (leader === from || (leader === undefined && message.term < leaderships.oldestTerm)) return;
          throw new Violation(name, `member ${from} sends a ${message.kind} of term ${message.term}, which ${leader ?? 'nobody'} leads`);
        }
      }
    },
  };
}
