import { type Decision, type Effect, findMember, type Leader, type RaftState } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/**
 * What a leader was asked ends once: a proposal at once or, where it waits for the end of a transfer, at that end; a change of
 * membership and a transfer when they are done, given up, or lost with the leadership (thesis 3.10, 4.1).
 */
export const requestsEndOnce: Property = () => {
  const answered = new Set<string>();
  return (occurrence) => {
    if (occurrence.kind !== 'decided') return;
    const { member, before, input, decision } = occurrence;
    const wasOpen = before.role.kind === 'leader' ? openRequests(before.role) : [];
    const isAsked = input.kind === 'membership-requested' || input.kind === 'transfer-requested';
    const asksLeader = isAsked || (input.kind === 'proposed' && before.role.kind === 'leader');
    const asked = asksLeader ? [requestOf(input.kind, input.id)] : [];
    // Who was removed is not listened to.
    const isForwarded =
      input.kind === 'received' && before.role.kind === 'leader' && findMember(before.membership, input.from) !== undefined;
    if (isForwarded && input.message.kind === 'propose') asked.push(`proposal ${input.message.id} of ${input.from}`);
    const stillOpen = openOf(decision.state);
    const answers = answersOf(decision);
    // A proposal that was forwarded twice, by a network that duplicates, is two proposals.
    const count = (requests: readonly string[], request: string) => requests.filter((each) => each === request).length;
    for (const request of new Set([...wasOpen, ...asked])) {
      const expected = count([...wasOpen, ...asked], request) - count(stillOpen, request);
      const times = count(answers, request);
      ensure(times === expected, `member ${member.id} answers ${request} ${times} times instead of ${expected} times`);
    }
    for (const answer of answers.filter((each) => each.startsWith('change') || each.startsWith('transfer'))) {
      ensure(!answered.has(`${member.id} ${answer}`), `member ${member.id} answers ${answer} again`);
      answered.add(`${member.id} ${answer}`);
    }
  };
};

function requestOf(kind: 'membership-requested' | 'transfer-requested' | 'proposed', id: number): string {
  if (kind === 'proposed') return `proposal ${id}`;
  return kind === 'membership-requested' ? `change ${id}` : `transfer ${id}`;
}

function openOf({ role }: RaftState): string[] {
  return role.kind === 'leader' ? openRequests(role) : [];
}

function openRequests({ paused, changeRequest, transfer }: Leader): string[] {
  const proposals = paused.map(({ id, from }) => (from === null ? `proposal ${id}` : `proposal ${id} of ${from}`));
  const change = changeRequest === null ? [] : [`change ${changeRequest}`];
  return [...proposals, ...change, ...(transfer === null || transfer.id === null ? [] : [`transfer ${transfer.id}`])];
}

function answersOf({ effects }: Decision): string[] {
  return effects.flatMap((effect) => answerOf(effect) ?? []);
}

function answerOf(effect: Effect): string | null {
  switch (effect.kind) {
    case 'accept-proposal':
    case 'reject-proposal':
      return `proposal ${effect.id}`;
    case 'accept-membership':
    case 'reject-membership':
      return `change ${effect.id}`;
    case 'accept-transfer':
    case 'reject-transfer':
      return `transfer ${effect.id}`;
    case 'send':
      return effect.message.kind === 'propose-reply' ? `proposal ${effect.message.id} of ${effect.to}` : null;
    default:
      return null;
  }
}
