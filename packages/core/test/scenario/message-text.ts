import {
  decodeMembership,
  describeMembership,
  type Entry,
  foundingMembership,
  type Index,
  type Message,
  type ProposalAnswer,
  type ProposalPosition,
  type ReadAnswer,
  type RejectReason,
  type Term,
} from '../../src/index.ts';

/** Messages as text, the same in a transcript as in the `inject` command: `append term=2 prev=3@1 commit=3 entries=4@2:x`. */
export function formatMessage(message: Message): string {
  switch (message.kind) {
    case 'pre-vote':
      return `pre-vote term=${message.term} last=${message.lastIndex}@${message.lastTerm}`;
    case 'pre-vote-reply':
      return `pre-vote-reply term=${message.term} granted=${message.granted ? 'yes' : 'no'}`;
    case 'timeout-now':
      return `timeout-now term=${message.term}`;
    case 'snapshot-chunk': {
      const { term, snapshot, offset, bytes } = message;
      return `snapshot-chunk term=${term} snapshot=${snapshot.id} at=${snapshot.index}@${snapshot.term} size=${snapshot.size} offset=${offset} bytes=${bytes.length}`;
    }
    case 'snapshot-reply':
      return `snapshot-reply term=${message.term} snapshot=${message.snapshotId} offset=${message.offset}`;
    case 'request-vote':
      return `request-vote term=${message.term} last=${message.lastIndex}@${message.lastTerm}${message.transfer ? ' transfer=yes' : ''}`;
    case 'vote-reply':
      return `vote-reply term=${message.term} granted=${message.granted ? 'yes' : 'no'}`;
    case 'append': {
      const { term, prevIndex, prevTerm, commit, entries } = message;
      const carried = entries.length === 0 ? '' : ` entries=${formatEntries(entries)}`;
      return `append term=${term} prev=${prevIndex}@${prevTerm} commit=${commit}${carried}`;
    }
    case 'append-accepted':
      return `append-accepted term=${message.term} match=${message.matchIndex}`;
    case 'append-rejected':
      return `append-rejected term=${message.term} prev=${message.prevIndex} hint=${message.hintIndex}@${message.hintTerm}`;
    case 'heartbeat':
      return `heartbeat term=${message.term} commit=${message.commit} round=${message.round}${message.quiesce ? ' quiesce=yes' : ''}`;
    case 'heartbeat-reply':
      return `heartbeat-reply term=${message.term} round=${message.round}`;
    case 'read-index':
      return `read-index id=${message.id}`;
    case 'read-index-reply':
      return `read-index-reply id=${message.id} ${formatReadAnswer(message.answer)}`;
    case 'propose':
      return `propose id=${message.id} payloads=${message.payloads.map(formatPayload).join(',')}`;
    case 'propose-reply':
      return `propose-reply id=${message.id} ${formatProposalAnswer(message.answer)}`;
  }
}

/** The message of `kind` whose fields the words name: the inverse of `formatMessage`. */
export function parseMessage(kind: string, words: readonly string[]): Message {
  const fields = parseFields(words);
  const text = (name: string) => fields.get(name) ?? fail(`${kind} needs ${name}=`);
  const number = (name: string) => Number(text(name));
  const term = () => number('term');
  switch (kind) {
    case 'pre-vote':
      return { kind, term: term(), lastIndex: parsePosition(text('last')).index, lastTerm: parsePosition(text('last')).term };
    case 'pre-vote-reply':
      return { kind, term: term(), granted: text('granted') === 'yes' };
    case 'timeout-now':
      return { kind, term: term() };
    case 'snapshot-chunk': {
      const { index, term: inTerm } = parsePosition(text('at'));
      const position = { index, term: inTerm, time: 0, membership: foundingMembership([]), machine: { name: 'list', version: 1 } };
      const snapshot = { ...position, id: text('snapshot'), size: number('size') };
      return { kind, term: term(), snapshot, offset: number('offset'), bytes: new Uint8Array(number('bytes')), checksum: 0 };
    }
    case 'snapshot-reply':
      return { kind, term: term(), snapshotId: text('snapshot'), offset: number('offset') };
    case 'request-vote': {
      const { index: lastIndex, term: lastTerm } = parsePosition(text('last'));
      return { kind, term: term(), lastIndex, lastTerm, transfer: fields.get('transfer') === 'yes' };
    }
    case 'vote-reply':
      return { kind, term: term(), granted: text('granted') === 'yes' };
    case 'append': {
      const prev = parsePosition(text('prev'));
      const entries = parseEntries(fields.get('entries') ?? '');
      return { kind, term: term(), prevIndex: prev.index, prevTerm: prev.term, commit: number('commit'), entries };
    }
    case 'append-accepted':
      return { kind, term: term(), matchIndex: number('match') };
    case 'append-rejected': {
      const hint = parsePosition(text('hint'));
      return { kind, term: term(), prevIndex: number('prev'), hintIndex: hint.index, hintTerm: hint.term };
    }
    case 'heartbeat':
      return { kind, term: term(), commit: number('commit'), round: number('round'), quiesce: fields.get('quiesce') === 'yes' };
    case 'heartbeat-reply':
      return { kind, term: term(), round: number('round'), loyalMs: Number(fields.get('loyal') ?? 500) };
    case 'read-index':
      return { kind, id: number('id') };
    case 'read-index-reply':
      return { kind, id: number('id'), answer: refusal(fields) ?? { index: number('index') } };
    case 'propose':
      return { kind, id: number('id'), payloads: text('payloads').split(',').map(parsePayload) };
    case 'propose-reply': {
      const refused = refusal(fields);
      if (refused !== null) return { kind, id: number('id'), answer: refused };
      const { index, term: inTerm } = parsePosition(text('position'));
      return { kind, id: number('id'), answer: { position: { firstIndex: index, term: inTerm } } };
    }
    default:
      return fail(`there is no message kind ${kind}`);
  }
}

function formatReadAnswer(answer: ReadAnswer): string {
  return 'index' in answer ? `index=${answer.index}` : `refused=${answer.reason}`;
}

function formatProposalAnswer(answer: ProposalAnswer): string {
  return 'position' in answer ? `position=${formatPosition(answer.position)}` : `refused=${answer.reason}`;
}

function refusal(fields: ReadonlyMap<string, string>): { readonly reason: RejectReason } | null {
  const reason = fields.get('refused');
  return reason === undefined ? null : { reason: reason as RejectReason };
}

/** Entries as text: `4@2` opens a term, `5@2:x` is a command, `6-9@2:y` are four alike. */
export function formatEntries(entries: readonly Entry[]): string {
  const runs: { readonly first: Index; last: Index; readonly what: string }[] = [];
  for (const { index, term, kind, payload } of entries) {
    const what = `@${term}${formatContent(kind, payload)}`;
    const run = runs.at(-1);
    if (run?.what === what) run.last = index;
    else runs.push({ first: index, last: index, what });
  }
  return runs.map(({ first, last, what }) => (first === last ? `${first}${what}` : `${first}-${last}${what}`)).join(',');
}

function formatContent(kind: Entry['kind'], payload: Uint8Array): string {
  switch (kind) {
    case 'no-op':
      return '';
    case 'command':
      return `:${formatPayload(payload)}`;
    case 'membership':
      return `:[${describeMembership(decodeMembership(payload))}]`;
  }
}

/** The entries of `4@2,5@2:x`; a range `1-3@1:x` gives each of its entries the same payload. */
export function parseEntries(text: string): Entry[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [, first, last = first, term, payload] = /^(\d+)(?:-(\d+))?@(\d+)(?::(.*))?$/.exec(part) ?? fail(`${part} is not an entry`);
      const count = Number(last) - Number(first) + 1;
      return Array.from({ length: count }, (_, i): Entry => {
        const kind = payload === undefined ? 'no-op' : 'command';
        return { index: Number(first) + i, term: Number(term), time: 0, kind, payload: parsePayload(payload ?? '') };
      });
    });
}

export function parseFields(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
}

export function parsePosition(text: string): { readonly index: Index; readonly term: Term } {
  const [index, term] = text.split('@').map(Number);
  return { index: index ?? 0, term: term ?? 0 };
}

export function formatPosition({ firstIndex, term }: ProposalPosition): string {
  return `${firstIndex}@${term}`;
}

export function formatPayload(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

export function parsePayload(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fail(message: string): never {
  throw new Error(message);
}
