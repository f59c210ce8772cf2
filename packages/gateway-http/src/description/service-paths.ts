import { type MachineDescription, sessionTtlRange } from '@flotilla/state-machine';
import { content, errorResponse, type OpenApiObject, parameter } from './openapi-parts.ts';

const integer = { type: 'integer' } as const;

const memberNumber = { type: 'integer', minimum: 1 } as const;

const sessionInPath = { name: 'session', in: 'path', required: true, schema: memberNumber } as const;

const session = { type: 'object', required: ['session'], properties: { session: integer } } as const;

const newMember = {
  type: 'object',
  required: ['peerAddress', 'clientAddress'],
  properties: {
    id: memberNumber,
    peerAddress: { type: 'string' },
    clientAddress: { type: 'string' },
    role: { enum: ['voter', 'learner', 'witness'], default: 'voter' },
    priority: { type: 'integer', minimum: 0, maximum: 1000 },
  },
} as const;

const membershipChange = {
  type: 'object',
  properties: {
    add: { type: 'array', items: newMember },
    remove: { type: 'array', items: memberNumber },
    promote: { type: 'array', items: memberNumber },
  },
} as const;

const transfer = { type: 'object', required: ['target'], properties: { target: memberNumber } } as const;

interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  /** The schema of the answer. */
  readonly answer?: OpenApiObject;
  readonly body?: OpenApiObject;
  readonly parameters?: readonly OpenApiObject[];
}

function operation({ id, tag, summary, answer = { type: 'object' }, body, parameters = [] }: Operation): OpenApiObject {
  return {
    operationId: id,
    tags: [tag],
    summary,
    parameters,
    ...(body && { requestBody: { required: true, content: content(body) } }),
    responses: { 200: { description: 'Done.', content: content(answer) }, default: { $ref: '#/components/responses/error' } },
  };
}

/** The paths that are there whatever the machine. */
export function servicePaths({ events }: MachineDescription): OpenApiObject {
  const timeout = [parameter('timeoutMs')];
  const ttlMs = { type: 'integer', ...{ minimum: sessionTtlRange.min, maximum: sessionTtlRange.max } } as const;
  return {
    '/v1/events': { get: eventsOperation(events) },
    '/v1/sessions': {
      post: operation({
        id: 'openSession',
        tag: 'sessions',
        summary: 'Open a session, which lasts until nothing was heard of it for that long.',
        parameters: timeout,
        body: { type: 'object', required: ['ttlMs'], properties: { ttlMs } },
        answer: { type: 'object', required: ['session', 'ttlMs'], properties: { session: integer, ttlMs: integer } },
      }),
    },
    '/v1/sessions/{session}/keep': {
      post: operation({
        id: 'keepSession',
        tag: 'sessions',
        summary: 'Let a session last for as long again.',
        parameters: [sessionInPath, ...timeout],
        answer: session,
      }),
    },
    '/v1/sessions/{session}': {
      delete: operation({
        id: 'closeSession',
        tag: 'sessions',
        summary: 'End a session, and forget what its commands were replied.',
        parameters: [sessionInPath, ...timeout],
        answer: session,
      }),
    },
    '/v1/members': {
      get: operation({
        id: 'members',
        tag: 'service',
        summary: 'Who belongs to the group.',
        parameters: [
          { name: 'view', in: 'query', description: 'Only the leader knows how far the others are.', schema: { enum: ['any', 'leader'] } },
        ],
      }),
      post: operation({
        id: 'changeMembership',
        tag: 'service',
        summary: 'Change who belongs to the group, on the leader.',
        parameters: timeout,
        body: membershipChange,
      }),
    },
    '/v1/transfer': {
      post: operation({
        id: 'transferLeadership',
        tag: 'service',
        summary: 'Make another member the leader, on the leader.',
        parameters: timeout,
        body: transfer,
      }),
    },
    '/v1/snapshot': {
      post: operation({ id: 'snapshot', tag: 'service', summary: 'Let this member store its state.', parameters: timeout }),
    },
    '/v1/status': { get: operation({ id: 'status', tag: 'service', summary: 'What this member knows of its group, and of its host.' }) },
    '/v1/health': { get: operation({ id: 'health', tag: 'service', summary: '200 while the process lives.' }) },
    '/v1/ready': { get: operation({ id: 'ready', tag: 'service', summary: '200 once this member can be sent calls, otherwise 503.' }) },
    '/v1/machine': { get: operation({ id: 'machine', tag: 'service', summary: 'The machine, as data.' }) },
  };
}

function eventsOperation(types: readonly string[]): OpenApiObject {
  const schema = {
    type: 'string',
    description: `Messages with id <index>-<ordinal>, event <type> and data {"index","ordinal","term","time","type","data"}. Types: ${types.join(', ') || 'none'}.`,
  };
  return {
    operationId: 'events',
    tags: ['events'],
    summary: 'Every event from an index on, as server-sent events.',
    parameters: [
      { name: 'from', in: 'query', description: 'The first entry to hear of.', schema: { type: 'integer', minimum: 0 } },
      { name: 'encoding', in: 'query', description: 'How `data` is written.', schema: { enum: ['json', 'msgpack'], default: 'json' } },
      { name: 'Last-Event-ID', in: 'header', description: 'Go on behind this event.', schema: { type: 'string' } },
    ],
    responses: {
      200: { description: 'A stream without an end.', content: { 'text/event-stream': { schema } } },
      410: errorResponse('`journal_compacted`, with `journalStart`: the events of that entry are gone.'),
      default: { $ref: '#/components/responses/error' },
    },
  };
}
