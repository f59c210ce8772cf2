import type { Effect, Persist, RaftEvent } from '../../src/index.ts';
import type { Occurrence } from '../cluster/cluster.ts';
import type { Envelope } from '../cluster/network.ts';
import { formatEntries, formatMessage, formatPosition } from './message-text.ts';

/** What a transcript says about an occurrence: no line, or several. */
export function narrate(occurrence: Occurrence): string[] {
  switch (occurrence.kind) {
    case 'decided': {
      const told = occurrence.decision.events.map(tellEvent).filter((text) => text !== null);
      return told.length === 0 ? [] : [`  ${occurrence.member.id} ${told.join(', ')}`];
    }
    case 'effect':
      return tellEffect(occurrence.member.id, occurrence.effect);
    case 'sent':
      return [`  sends ${formatEnvelope(occurrence.envelope)}`];
    case 'written':
      return [`${occurrence.member.id} has write ${occurrence.write.sequence} on disk`];
    case 'delivering':
      return [formatEnvelope(occurrence.envelope)];
    case 'lost':
      return [`${formatEnvelope(occurrence.envelope)} (lost)`];
    case 'crashed':
      return [`${occurrence.member.id} is down`];
    case 'started': {
      const { hardState, log } = occurrence.member.disk;
      return [`${occurrence.member.id} starts with term=${hardState.term} vote=${hardState.vote ?? 'none'} last=${log.lastIndex}`];
    }
  }
}

export function formatEnvelope({ from, to, message }: Envelope): string {
  return `${from}->${to} ${formatMessage(message)}`;
}

/** An event in a few words, or null where an effect says the same, or where it is only bookkeeping. */
function tellEvent(event: RaftEvent): string | null {
  switch (event.kind) {
    case 'term-advanced':
      return `enters term ${event.term}`;
    case 'vote-cast':
      return `votes for ${event.candidate}`;
    case 'log-truncated':
      return `truncates its log after ${event.after}`;
    case 'entries-appended':
      return `appends ${formatEntries(event.entries)}`;
    case 'became-follower':
      return 'becomes follower';
    case 'became-candidate':
      return 'becomes candidate';
    case 'became-leader':
      return 'becomes leader';
    case 'leader-learned':
      return `follows ${event.leader}`;
    case 'vote-counted':
      return `counts ${event.granted ? 'yes' : 'no'} from ${event.from}`;
    case 'peer-matched':
      return `knows ${event.peer} to match up to ${event.matchIndex}`;
    case 'peer-rewound':
      return `goes back to ${event.nextIndex} for ${event.peer}`;
    case 'commit-advanced':
      return `commits up to ${event.commitIndex}`;
    case 'read-registered': {
      const { id, ready } = event.read;
      return ready ? `holds read ${id} for round ${ready.round}` : `holds read ${id} for its opening entry`;
    }
    case 'reads-readied':
      return `holds the waiting reads for round ${event.round}`;
    case 'write-issued':
    case 'write-completed':
    case 'election-timeout-drawn':
    case 'election-timer-started':
    case 'peer-probed':
    case 'peer-sent':
    case 'peer-confirmed':
    case 'peer-quiet':
    case 'commit-told':
    case 'heartbeats-sent':
    case 'apply-advanced':
    case 'reads-answered':
      return null;
  }
}

function tellEffect(id: number, effect: Exclude<Effect, { kind: 'send' | 'replicate' }>): string[] {
  switch (effect.kind) {
    case 'persist':
      return [
        `  ${id} issues ${formatWrite(effect)}`,
        ...effect.promises.map(({ to, message }) => `    owes ${formatEnvelope({ from: id, to, message })}`),
      ];
    case 'apply':
      return [`  ${id} applies up to ${effect.through}`];
    case 'answer-read':
      return [`  ${id} may serve read ${effect.id} at ${effect.index}`];
    case 'reject-read':
      return [`  ${id} rejects read ${effect.id}: ${effect.reason}`];
    case 'accept-proposal':
      return [`  ${id} has proposal ${effect.id} at ${formatPosition(effect.position)}`];
    case 'reject-proposal':
      return [`  ${id} rejects proposal ${effect.id}: ${effect.reason}`];
  }
}

export function formatWrite({ sequence, hardState, truncateAfter, entries }: Persist): string {
  const parts: string[] = [];
  if (hardState !== null) parts.push(`term=${hardState.term} vote=${hardState.vote ?? 'none'}`);
  if (truncateAfter !== null) parts.push(`truncate after ${truncateAfter}`);
  if (entries.length > 0) parts.push(formatEntries(entries));
  return `write ${sequence}: ${parts.length === 0 ? 'nothing' : parts.join(', ')}`;
}
