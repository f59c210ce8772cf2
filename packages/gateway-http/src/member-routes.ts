import type { Group, GroupStatus } from '@flotilla/runtime';
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './app.ts';
import { addBodyFormats, sendValue } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { badRequest } from './http-error.ts';
import { explainRefusal, notLeaderError } from './membership-refusal.ts';
import { membershipChangeOf, transferOf } from './membership-schema.ts';
import { readQueryString } from './query-string.ts';

/** `GET` and `POST /v1/members`, `POST /v1/transfer`: who belongs to the group, and who leads it. */
export function memberRoutes(server: FastifyInstance, { group, callOptions }: RouteContext): void {
  addBodyFormats(server);

  server.get('/v1/members', async (request, reply) => {
    const view = viewParameter(readQueryString(request, ['view']));
    const status = group.status();
    if (view === 'leader' && status.role !== 'leader') throw notLeaderError(status);
    return sendValue(request, reply, membersOf(status));
  });

  server.post('/v1/members', async (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    const change = membershipChangeOf(request.body);
    return sendValue(request, reply, await explained(group, () => group.changeMembership(change, options)));
  });

  server.post('/v1/transfer', async (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    const { target } = transferOf(request.body);
    await explained(group, () => group.transferLeadership(target, options));
    return sendValue(request, reply, { target, leader: group.status().leader });
  });
}

function membersOf({ member, leader, members, pendingChange, changeUnderWay, transferTo }: GroupStatus): object {
  return { member, leader, members, pendingChange, changeUnderWay, transferTo };
}

async function explained<Result>(group: Group, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw explainRefusal(error, group.status());
  }
}

/** Whose view is wanted: `any` member's, or the `leader`'s, which alone knows how far the others are. */
function viewParameter(parameters: ReadonlyMap<string, string>): 'any' | 'leader' {
  const view = parameters.get('view') ?? 'any';
  if (view === 'any' || view === 'leader') return view;
  throw badRequest('invalid_query', `"${view}" is no view`, 'Give "any" or "leader".');
}
