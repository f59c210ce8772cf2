import type { CallOptions } from '@flotilla/runtime';
import type { FastifyReply } from 'fastify';
import { timeoutRange } from './member-call.ts';
import { integerParameter } from './query-string.ts';

/** The names of the query parameters that every call takes. */
export const callParameters = ['timeoutMs'] as const;

/** How long to wait, and a signal that aborts when the client closes the connection before it has its answer. */
export function callOptionsOf(parameters: ReadonlyMap<string, string>, reply: FastifyReply, defaultTimeoutMs: number): CallOptions {
  const timeoutMs = integerParameter(parameters, 'timeoutMs', timeoutRange) ?? defaultTimeoutMs;
  const controller = new AbortController();
  const abortUnlessAnswered = () => {
    if (!reply.raw.writableFinished) controller.abort();
  };
  if (reply.raw.closed) abortUnlessAnswered();
  else reply.raw.once('close', abortUnlessAnswered);
  return { timeoutMs, signal: controller.signal };
}
