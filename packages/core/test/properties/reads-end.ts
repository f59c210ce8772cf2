import type { Effect, PendingRead } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/** A leader forgets no read: whoever waits is answered or, at the latest when it steps down, told that it is not. */
export const readsEnd: Property = () => (occurrence) => {
  if (occurrence.kind !== 'decided' || occurrence.before.role.kind !== 'leader') return;
  const { before, decision, member } = occurrence;
  const { role } = decision.state;
  const waiting = role.kind === 'leader' ? role.reads.map(({ id }) => id) : [];
  for (const read of occurrence.before.role.reads) {
    const ended = waiting.includes(read.id) || decision.effects.some((effect) => ends(effect, read));
    ensure(ended, `member ${member.id} forgets read ${read.id} in term ${before.term}`);
  }
};

function ends(effect: Effect, { id, from }: PendingRead): boolean {
  if (from === null) return (effect.kind === 'answer-read' || effect.kind === 'reject-read') && effect.id === id;
  return effect.kind === 'send' && effect.to === from && effect.message.kind === 'read-index-reply' && effect.message.id === id;
}
