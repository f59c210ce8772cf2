import type { ChannelRequest } from '@flotilla/client';
import type { Group } from '@flotilla/runtime';
import { decodeValue, encodeValue } from '@flotilla/state-machine';
import { notLeading, rejectedCommand } from './answer-error.ts';

/**
 * Does for a request what the HTTP gateway does: inputs come encoded and the answer leaves encoded, so that nothing in a
 * member is shared with its clients. Throws what the group throws, or a `ClientError`.
 */
export async function serveRequest(group: Group, request: ChannelRequest, timeoutMs: number): Promise<Uint8Array> {
  return encodeValue(await answerTo(group, request, timeoutMs), 'machine_defect');
}

async function answerTo(group: Group, request: ChannelRequest, timeoutMs: number): Promise<object> {
  switch (request.kind) {
    case 'command': {
      const applied = await group.execute({ type: request.name, input: decodeValue(request.input) }, { timeoutMs });
      if (applied.outcome.kind === 'rejected') throw rejectedCommand(applied, applied.outcome);
      return { index: applied.index, term: applied.term, reply: applied.outcome.reply };
    }
    case 'query': {
      const { name, input, consistency, maxStalenessMs } = request;
      const bound = maxStalenessMs === null ? {} : { maxStalenessMs };
      const value = input === null ? undefined : decodeValue(input);
      return group.query(name, value, { consistency, timeoutMs, ...bound });
    }
    case 'status':
      return { ...group.status(), journalStart: group.journalStart(), host: {} };
    case 'members': {
      const status = group.status();
      if (request.view === 'leader' && status.role !== 'leader') throw notLeading(status);
      const { member, leader, members, pendingChange, changeUnderWay, transferTo } = status;
      return { member, leader, members, pendingChange, changeUnderWay, transferTo };
    }
    case 'change-membership':
      return group.changeMembership(request.change, { timeoutMs });
    case 'transfer-leadership':
      await group.transferLeadership(request.target, { timeoutMs });
      return { target: request.target, leader: group.status().leader };
  }
}
