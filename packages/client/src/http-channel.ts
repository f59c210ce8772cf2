import { encodeValue, isMachineError, type SessionStamp } from '@flotilla/state-machine';
import { msgpackType, readAnswer } from './answer.ts';
import type { Answer, AttemptOptions, Channel, ChannelRequest, EventPlace, EventsOptions } from './channel.ts';
import { ClientError, isClientError } from './client-error.ts';
import type { FollowedEvent } from './followed-event.ts';
import { networkError } from './network-error.ts';
import { sseEvents } from './sse-events.ts';

interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reaches the HTTP gateways of members, with MessagePack for bodies. */
export class HttpChannel implements Channel {
  readonly #fetch: typeof fetch;

  constructor(fetch: typeof globalThis.fetch) {
    this.#fetch = fetch;
  }

  async call(endpoint: string, request: ChannelRequest, { timeoutMs, signal }: AttemptOptions): Promise<Answer> {
    const { method, path, body, headers: more } = httpRequest(request);
    const timeout = method === 'GET' ? '' : `${path.includes('?') ? '&' : '?'}timeoutMs=${timeoutMs}`;
    const headers: Record<string, string> = { accept: msgpackType, ...more };
    if (body !== null) headers['content-type'] = msgpackType;
    try {
      const init = { method, headers, body: body === null ? null : new Uint8Array(body), signal };
      return await readAnswer(await this.#fetch(`${endpoint}${path}${timeout}`, init));
    } catch (error) {
      if (isClientError(error)) throw error;
      if (isMachineError(error))
        throw new ClientError('unexpected_answer', 'unknown', error.message, 'Check the endpoint.', { cause: error });
      throw networkError(endpoint, error);
    }
  }

  events(endpoint: string, place: EventPlace, options: EventsOptions): AsyncIterable<FollowedEvent> {
    return sseEvents(this.#fetch, endpoint, place, options);
  }
}

/** Throws a `MachineError` with code `invalid_input` for a change that cannot be sent at all. */
function httpRequest(request: ChannelRequest): HttpRequest {
  switch (request.kind) {
    case 'command':
      return { method: 'POST', path: `/v1/commands/${request.name}`, body: request.input, headers: stampHeaders(request.stamp) };
    case 'open-session':
      return { method: 'POST', path: '/v1/sessions', body: encodeValue({ ttlMs: request.ttlMs }) };
    case 'keep-session':
      return { method: 'POST', path: `/v1/sessions/${request.session}/keep`, body: null };
    case 'close-session':
      return { method: 'DELETE', path: `/v1/sessions/${request.session}`, body: null };
    case 'query': {
      const { name, input, consistency, maxStalenessMs } = request;
      const bound = maxStalenessMs === null ? '' : `&maxStalenessMs=${maxStalenessMs}`;
      return { method: 'POST', path: `/v1/queries/${name}?consistency=${consistency}${bound}`, body: input };
    }
    case 'status':
      return { method: 'GET', path: '/v1/status', body: null };
    case 'members':
      return { method: 'GET', path: request.view === 'leader' ? '/v1/members?view=leader' : '/v1/members', body: null };
    case 'change-membership':
      return { method: 'POST', path: '/v1/members', body: encodeValue(request.change) };
    case 'transfer-leadership':
      return { method: 'POST', path: '/v1/transfer', body: encodeValue({ target: request.target }) };
  }
}

function stampHeaders(stamp: SessionStamp | null): Readonly<Record<string, string>> {
  if (stamp === null) return {};
  return {
    'flotilla-session': String(stamp.session),
    'flotilla-sequence': String(stamp.sequence),
    'flotilla-acknowledged': String(stamp.acknowledged),
  };
}
