import type { CallOptions } from '@flotilla/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerCall, type CallTarget } from './answer-call.ts';
import { answerEncoder, sendEncoded } from './body-formats.ts';
import type { MemberCall } from './member-call.ts';

/** Carries out the call that a request makes, and answers the request. */
export async function sendAnswer(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  target: CallTarget,
  call: MemberCall,
  options: CallOptions = {},
): Promise<FastifyReply> {
  return sendEncoded(reply, await answerCall(target, call, options, answerEncoder(request)));
}
