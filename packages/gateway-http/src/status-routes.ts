import type { Group } from '@flotilla/runtime';
import type { FastifyInstance } from 'fastify';
import type { CallTarget } from './answer-call.ts';
import { unavailable } from './http-error.ts';
import { outsiderReason } from './outsider.ts';
import { readQueryString } from './query-string.ts';
import { sendAnswer } from './send-answer.ts';

/** `GET /v1/status`, `/v1/health` (the process lives) and `/v1/ready` (send me requests). */
export function statusRoutes(server: FastifyInstance, target: CallTarget, isClosing: () => boolean): void {
  const ready = readiness(target.group);

  server.get('/v1/status', (request, reply) => {
    readQueryString(request, []);
    return sendAnswer({ request, reply }, target, { kind: 'status' });
  });

  server.get('/v1/health', (_request, reply) => reply.send({ status: 'live' }));

  server.get('/v1/ready', (_request, reply) => {
    if (isClosing()) throw unavailable('closing', 'this member is stopping', 'Use another member.');
    const reason = ready();
    if (reason !== null) throw unavailable('not_ready', reason, 'Wait, or use another member.');
    return reply.send({ status: 'ready' });
  });
}

/**
 * Why the member is not ready, or null. A learner can be: it serves reads and forwards commands. A member has to catch up once, with what was committed when it first knew a leader;
 * afterwards a member that applies a little late under load is still ready.
 */
function readiness(group: Group): () => string | null {
  let target: number | null = null;
  return () => {
    const { standing, leader, commitIndex, appliedIndex } = group.status();
    const outside = outsiderReason(standing);
    if (outside !== null) return outside;
    if (leader === null) return 'this member knows no leader';
    target ??= commitIndex > 0 ? commitIndex : null;
    if (target === null) return 'nothing is committed yet';
    return appliedIndex >= target ? null : `this member has applied ${appliedIndex} of ${target} entries`;
  };
}
