import type { Answer, ChannelRequest } from '@flotilla/client';
import type { Group } from '@flotilla/runtime';
import { decodeValue, encodeValue } from '@flotilla/state-machine';
import { notLeading, rejectedCommand } from './answer-error.ts';

/** An answer on its way: reads it, where it arrives. */
export type SentAnswer = () => Answer;

/**
 * Does for a request what the HTTP gateway does. Inputs come encoded, and what leaves is encoded, so that nothing in a member
 * is shared with its clients. Throws what the group throws, or a `ClientError`.
 */
export async function serveRequest(group: Group, request: ChannelRequest, timeoutMs: number): Promise<SentAnswer> {
  switch (request.kind) {
    case 'command': {
      const options = request.stamp === null ? { timeoutMs } : { timeoutMs, stamp: request.stamp };
      const applied = await group.execute({ type: request.name, input: decodeValue(request.input) }, options);
      const { index, term, outcome } = applied;
      if (outcome.kind === 'rejected') throw rejectedCommand(applied, outcome);
      const reply = encoded(outcome.reply);
      return () => ({ index, term, reply: decodeValue(reply) });
    }
    case 'open-session':
      return sent(await group.openSession(request.ttlMs, { timeoutMs }));
    case 'keep-session':
      await group.keepSession(request.session, { timeoutMs });
      return sent({ session: request.session });
    case 'close-session':
      await group.closeSession(request.session, { timeoutMs });
      return sent({ session: request.session });
    case 'query': {
      const { name, input, consistency, maxStalenessMs } = request;
      const value = input === null ? undefined : decodeValue(input);
      const options = maxStalenessMs === null ? { consistency, timeoutMs } : { consistency, timeoutMs, maxStalenessMs };
      const { index, result } = await group.query(name, value, options);
      const bytes = encoded(result);
      return () => ({ index, result: decodeValue(bytes) });
    }
    case 'status':
      return sent({ ...group.status(), journalStart: group.journalStart(), host: {} });
    case 'members': {
      const status = group.status();
      if (request.view === 'leader' && status.role !== 'leader') throw notLeading(status);
      const { member, leader, members, pendingChange, changeUnderWay, transferTo } = status;
      return sent({ member, leader, members, pendingChange, changeUnderWay, transferTo });
    }
    case 'change-membership':
      return sent(await group.changeMembership(request.change, { timeoutMs }));
    case 'transfer-leadership':
      await group.transferLeadership(request.target, { timeoutMs });
      return sent({ target: request.target, leader: group.status().leader });
  }
}

function sent(answer: object): SentAnswer {
  const bytes = encoded(answer);
  return () => decodeValue(bytes) as Answer;
}

function encoded(value: unknown): Uint8Array {
  return encodeValue(value, 'machine_defect');
}
