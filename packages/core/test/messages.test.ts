import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isDurable, type MemberId, type Message, type RaftState } from '../src/index.ts';
import { type Outcome, receive } from './messages/outcome.ts';
import { otherPeer, peer, removed, roles, stranger } from './messages/roles.ts';
import { type Sample, samples } from './messages/samples.ts';

/** What it asks on behalf of clients is answered, so that they ask elsewhere; what it was asked for them still counts. */
const answersToRemoved = new Map<Message['kind'], RegExp>([
  ['propose', /^sends 7 .* refused=leadership_lost$/],
  ['read-index', /^sends 7 .* refused=leadership_lost$/],
  ['propose-reply', /^(accept|reject)-proposal$/],
  ['read-index-reply', /^(answer|reject)-read$/],
]);

/** Every message of the table, and what came of it. */
interface Cell {
  readonly situation: string;
  readonly message: Message;
  readonly outcome: Outcome;
}

function cellsOf(state: RaftState, { message, earlier }: Sample): Cell[] {
  const { term } = state;
  const hear = (situation: string, from: MemberId, heard: Message, by = state): Cell => ({
    situation,
    message: heard,
    outcome: receive(by, from, heard),
  });
  const current = hear('of its term', peer, message(state, term));
  const next = current.outcome.decision?.state ?? state;
  const cells = [
    hear('of an older term', peer, message(state, term - 1)),
    current,
    hear('the same again', peer, message(state, term), next),
    hear('from another one', otherPeer, message(state, term)),
    hear('of a later term', peer, message(state, term + 3)),
    hear('from a stranger', stranger, message(state, term)),
    hear('from a stranger of a later term', stranger, message(state, term + 3)),
    hear('from one that was removed', removed, message(state, term)),
    hear('from one that was removed, of a later term', removed, message(state, term + 3)),
  ];
  if (earlier !== undefined) cells.push(hear('one that was sent before', peer, earlier(state, term), next));
  return cells;
}

const folder = fileURLToPath(new URL('./messages/', import.meta.url));

describe.each(Object.entries(roles))('every message to a %s', (role, state) => {
  const table = samples.map((sample) => ({ sample, cells: cellsOf(state, sample) }));
  const all = table.flatMap(({ cells }) => cells);

  it('has the outcome that is recorded', () => {
    const text = table.flatMap(({ sample, cells }) => [
      sample.name,
      ...cells.map(({ situation, outcome }) => `  ${situation}: ${outcome.text}`),
    ]);
    const played = `${text.join('\n')}\n`;
    const file = `${folder}${role}.txt`;
    if (process.env.UPDATE_SCENARIOS !== undefined || !existsSync(file)) writeFileSync(file, played);
    else expect(played).toBe(readFileSync(file, 'utf8'));
  });

  it('changes nothing durable where it is of an older term', () => {
    for (const { situation, message, outcome } of all) {
      if (situation !== 'of an older term' || !('term' in message)) continue;
      expect(outcome.decision?.events.filter(isDurable), message.kind).toEqual([]);
      expect(outcome.decision?.state.role, message.kind).toEqual(state.role);
    }
  });

  it('changes nothing where it is from one that was removed', () => {
    // A joiner does not know who was.
    if (role === 'joiner') return;
    for (const { situation, message, outcome } of all) {
      if (!situation.startsWith('from one that was removed')) continue;
      expect([outcome.decision?.state, outcome.decision?.events], message.kind).toEqual([state, []]);
      expect(outcome.text, message.kind).toMatch(answersToRemoved.get(message.kind) ?? /^nothing$/);
    }
  });

  it('writes nothing where it is the same again', () => {
    const again = all.filter(({ situation, message }) => situation === 'the same again' && message.kind !== 'timeout-now');
    for (const { message, outcome } of again) {
      if (message.kind === 'propose') continue;
      expect(outcome.decision?.events.filter(isDurable) ?? [], message.kind).toEqual([]);
    }
  });

  it('helps nobody to lead while it recovers', () => {
    if (!state.recovering) return;
    for (const { outcome } of all) {
      expect(outcome.text).not.toMatch(/granted=yes|request-vote/);
      expect(outcome.decision?.state.role ?? { kind: 'follower' }).toEqual({ kind: 'follower' });
    }
  });

  it('never brings the term, the commit index or what is applied back', () => {
    for (const { message, outcome } of all) {
      const { term, commitIndex, applyIndex } = outcome.decision?.state ?? state;
      expect([term >= state.term, commitIndex >= state.commitIndex, applyIndex >= state.applyIndex], message.kind).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  it('stops the member only where two lead one term, or a log is said to match that is not there', () => {
    for (const { outcome } of all) {
      if (outcome.decision === null) expect(outcome.text).toMatch(/both lead term|acknowledged entry .* of a log that ends at/);
    }
  });
});
