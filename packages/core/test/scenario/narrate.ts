import type { Effect, Persist, RaftEvent } from '../../src/index.ts';
import type { Occurrence } from '../cluster/cluster.ts';
import type { Envelope } from '../cluster/network.ts';
import { formatEntries, formatMessage, formatPosition } from './message-text.ts';

/** What a transcript says about an occurrence: no line, or several. */
export function narrate(occurrence: Occurrence): string[] {
  switch (occurrence.kind) {
    case 'decided': {
      const { before, decision } = occurrence;
      const told = decision.events.map(tellEvent).filter((text) => text !== null);
      // Every word of a leader is heard; that there is another one is news.
      const { leader, id } = decision.state;
      if (leader !== null && leader !== id && leader !== before.leader) told.push(`follows ${leader}`);
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
      const recovering = hardState.recovering ? ' recovering' : '';
      return [
        `${occurrence.member.id} starts with term=${hardState.term} vote=${hardState.vote ?? 'none'} last=${log.lastIndex}${recovering}`,
      ];
    }
    case 'forgot':
      return [`${occurrence.member.id} has lost ${formatEntries(occurrence.entries) || 'its vote'}`];
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
    case 'recovered':
      return 'has recovered';
    case 'log-truncated':
      return `truncates its log after ${event.after}`;
    case 'entries-appended':
      return `appends ${formatEntries(event.entries)}`;
    case 'log-compacted':
      return `compacts its log up to ${event.base.index}`;
    case 'snapshot-installed':
      return `begins its log behind snapshot ${event.snapshot.id}`;
    case 'became-follower':
      return 'becomes follower';
    case 'became-pre-candidate':
      return 'asks whether it would win';
    case 'became-candidate':
      return 'becomes candidate';
    case 'became-leader':
      return 'becomes leader';
    case 'election-passed':
      return 'lets this election pass';
    case 'quiesced':
      return 'falls asleep';
    case 'unquiesced':
      return 'wakes up';
    case 'storage-filled':
      return 'has no room left';
    case 'storage-freed':
      return 'has room again';
    case 'host-lost':
      return `loses the host of ${event.peer}`;
    case 'host-found':
      return `finds the host of ${event.peer}`;
    case 'peer-joined':
      return `begins to send to ${event.peer}`;
    case 'peer-left':
      return `ceases to send to ${event.peer}`;
    case 'peer-caught-up': {
      const { round, targetIndex, done } = event.catchUp;
      return done
        ? `knows ${event.peer} to have caught up in round ${round}`
        : `begins catch-up round ${round} of ${event.peer} up to ${targetIndex}`;
    }
    case 'snapshot-sending':
      return `begins to send ${event.snapshot.id} to ${event.peer}`;
    case 'chunk-acknowledged':
      return `knows ${event.peer} to have the snapshot up to ${event.offset}`;
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
    case 'transfer-begun':
      return `begins to hand over to ${event.transfer.target}`;
    case 'transfer-ended':
      return 'goes on leading';
    case 'proposal-paused':
      return `lets proposal ${event.proposal.id} wait`;
    case 'snapshot-taken':
      return `has ${event.snapshot.id}`;
    case 'snapshot-offered':
      return `begins to receive ${event.snapshot.id}`;
    case 'chunk-stored':
      return `has the snapshot up to ${event.offset}`;
    case 'incoming-dropped':
      return 'throws the snapshot away';
    case 'leader-heard':
    case 'write-issued':
    case 'write-completed':
    case 'election-timeout-drawn':
    case 'election-timer-started':
    case 'peer-probed':
    case 'append-asked':
    case 'append-noted':
    case 'peer-confirmed':
    case 'peer-quiet':
    case 'commit-told':
    case 'heartbeats-sent':
    case 'apply-advanced':
    case 'reads-answered':
    case 'change-requested':
    case 'change-answered':
    case 'transfer-asked':
    case 'chunk-accepted':
    case 'restore-begun':
      return null;
  }
}

function tellEffect(id: number, effect: Exclude<Effect, { kind: 'send' | 'replicate' | 'send-chunk' }>): string[] {
  switch (effect.kind) {
    case 'persist':
      return [
        `  ${id} issues ${formatWrite(effect)}`,
        ...effect.promises.map(({ to, message }) => `    owes ${formatEnvelope({ from: id, to, message })}`),
      ];
    case 'apply':
      return [`  ${id} applies up to ${effect.through}`];
    case 'store-chunk':
      return [`  ${id} stores ${effect.bytes.length} bytes of ${effect.snapshot.id} at ${effect.offset}`];
    case 'restore-snapshot':
      return [`  ${id} restores its machine from ${effect.snapshot.id}`];
    case 'accept-membership':
      return [`  ${id} has made change ${effect.id} with entry ${effect.index}`];
    case 'reject-membership':
      return [`  ${id} rejects change ${effect.id}: ${effect.reason}`];
    case 'accept-transfer':
      return [`  ${id} has handed over as ${effect.id} asked`];
    case 'reject-transfer':
      return [`  ${id} rejects transfer ${effect.id}: ${effect.reason}`];
    case 'answer-read':
      return [
        `  ${id} may serve read ${effect.id} at ${effect.index}${effect.leaseUntil === null ? '' : ` until ${Math.floor(effect.leaseUntil)} ms`}`,
      ];
    case 'reject-read':
      return [`  ${id} rejects read ${effect.id}: ${effect.reason}`];
    case 'accept-proposal':
      return [`  ${id} has proposal ${effect.id} at ${formatPosition(effect.position)}`];
    case 'reject-proposal':
      return [`  ${id} rejects proposal ${effect.id}: ${effect.reason}`];
  }
}

export function formatWrite({ sequence, hardState, base, truncateAfter, entries }: Persist): string {
  const parts: string[] = [];
  if (hardState !== null) {
    parts.push(`term=${hardState.term} vote=${hardState.vote ?? 'none'}${hardState.recovering ? ' recovering' : ''}`);
  }
  if (base !== null) parts.push(`begin behind ${base.index}@${base.term}`);
  if (truncateAfter !== null) parts.push(`truncate after ${truncateAfter}`);
  if (entries.length > 0) parts.push(formatEntries(entries));
  return `write ${sequence}: ${parts.length === 0 ? 'nothing' : parts.join(', ')}`;
}
