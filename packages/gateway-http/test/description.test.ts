import { SingleNodeGroup } from '@flotilla/gateway-http/testing';
import { accept, command, composeMachines, defineMachine, event, query, reject, replicate } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BinaryClient } from './binary-client.ts';
import { guestbook, post, serve } from './guestbook.ts';

interface Tree {
  readonly value: string;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.string(), children: z.array(tree) }));

const orchard = defineMachine({
  name: 'orchard',
  version: 3,
  state: () => ({ trees: 0 }),
  commands: {
    plant: command(
      z.object({ tree, rows: z.int().min(1).default(2), note: z.string().describe('<b>"bold" & \'brave\'</b>') }),
      (state) => (state.trees > 0 ? reject('full', 'no room') : accept({ trees: 1 }, [event('planted')])),
      {
        description: 'Plants </script><script>alert(1)</script> a tree.',
        reply: z.object({ trees: z.int() }),
        errors: { full: { description: 'There is <no> room.', status: 507 }, frost: 'Not in winter.' },
      },
    ),
  },
  events: {
    planted: (state) => {
      state.trees++;
    },
  },
  queries: {
    trees: query((state) => state.trees, { description: 'How many there are.', answer: z.int() }),
  },
});

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const json = async (url: string) => JSON.parse((await get(url)).text) as Record<string, never>;

describe('the description of a machine', () => {
  it('has commands, queries, their schemas, errors and events', async () => {
    const { url } = await serve({ machine: orchard });
    expect(await json(`${url}/v1/machine`)).toMatchObject({
      name: 'orchard',
      version: 3,
      commands: [
        {
          name: 'plant',
          description: expect.stringContaining('a tree'),
          input: { type: 'object', required: ['tree', 'note'] },
          reply: { properties: { trees: { type: 'integer' } } },
          errors: [
            { code: 'full', description: 'There is <no> room.', status: 507 },
            { code: 'frost', description: 'Not in winter.', status: 409 },
          ],
        },
      ],
      queries: [{ name: 'trees', description: 'How many there are.', takesInput: false, input: null, answer: { type: 'integer' } }],
      events: ['planted'],
      effects: [],
    });
  });

  it('shows what no schema can as something that may be anything', async () => {
    const { url } = await serve();
    expect(await json(`${url}/v1/machine`)).toMatchObject({
      commands: [
        { name: 'sign', input: { type: 'object', properties: { names: { type: 'array', items: { anyOf: [{}, { type: 'string' }] } } } } },
        { name: 'refuse' },
        { name: 'rage' },
        { name: 'break' },
      ],
    });
  });

  it('is of the version that applies, not of one that is still to come', async () => {
    const next = defineMachine({
      name: 'guestbook',
      version: 2,
      previous: guestbook,
      state: () => ({ entries: [] as (string | Uint8Array)[] }),
      commands: { forget: command(z.object({}), () => []) },
      events: {},
      queries: {},
    });
    const { url } = await serve({ machine: next });
    expect(await json(`${url}/v1/machine`)).toMatchObject({ version: 1, events: ['signed'] });
  });

  it('gives rejections their status', async () => {
    const { url, group } = await serve({ machine: orchard });
    group.execute = async () => ({
      index: 1,
      term: 1,
      outcome: { kind: 'rejected', code: 'full', message: 'no room', details: undefined },
    });
    expect(await post(`${url}/v1/commands/plant`)).toMatchObject({ status: 507, body: { error: { code: 'full', rejected: true } } });
    expect(await post(`${url}/v1/commands/constructor`)).toMatchObject({ status: 409 });
  });
});

describe('the OpenAPI document', () => {
  it('has every call, with references that lead somewhere', async () => {
    const { url } = await serve({ machine: orchard, rejectionStatus: { frost: 425 } });
    const document = await json(`${url}/v1/openapi.json`);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'orchard', version: '3' },
      paths: {
        '/v1/commands/plant': {
          post: {
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/plant.input' } } } },
            responses: {
              507: { description: expect.stringContaining('`full`') },
              425: { description: expect.stringContaining('`frost`') },
            },
          },
        },
        '/v1/queries/trees': { post: { summary: 'trees' } },
        '/v1/events': { get: { responses: { 200: { content: { 'text/event-stream': {} } } } } },
      },
    });
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const steps = reference.replace(/^#\//, '').split('/');
      expect({ reference, found: steps.reduce<Record<string, never> | undefined>((at, step) => at?.[step], document) }).toMatchObject({
        found: expect.any(Object),
      });
    }
  });

  it('has every path that is served, and no other', async () => {
    const { url } = await serve();
    const { paths } = (await json(`${url}/v1/openapi.json`)) as unknown as { paths: Record<string, Record<string, unknown>> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        const controller = new AbortController();
        const response = await fetch(`${url}${path.replaceAll(/\{\w+\}/g, '1')}`, { method, signal: controller.signal });
        expect({ path, method, missing: [404, 405].includes(response.status) }).toEqual({ path, method, missing: false });
        controller.abort();
      }
    }
  });
});

describe('the page', () => {
  it('shows everything, escaped, and lets nothing in', async () => {
    const { url } = await serve({ machine: orchard });
    const { status, headers, text } = await get(`${url}/v1/docs`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; connect-src 'self'; style-src 'sha256-.*script-src 'sha256-/,
    );
    expect(text).toContain('POST /v1/commands/plant');
    expect(text).toContain('data-path="queries/trees"');
    expect(text).toContain('There is &lt;no&gt; room.');
    expect(text).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain('<b>');
    // Nothing is loaded from anywhere.
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(text).toContain('&quot;tree&quot;: {');
  });
});

describe('a composed machine', () => {
  const farm = composeMachines({ name: 'farm', version: 1, machines: { orchard, guestbook } });
  const serveFarm = () => serve({ machine: farm, group: new SingleNodeGroup(replicate(farm)) });

  it('has parts that are called by their names, over every protocol', async () => {
    const { url } = await serveFarm();
    expect(await post(`${url}/v1/commands/guestbook.sign`, { names: ['ada'] })).toMatchObject({
      status: 200,
      body: { reply: { count: 1 } },
    });
    expect(await post(`${url}/v1/queries/guestbook.at`, { position: 0 })).toMatchObject({ status: 200, body: { result: 'ada' } });
    const client = await BinaryClient.open(url);
    expect(await client.call(1, 'query', 'guestbook.all', undefined, 'linearizable', null, 5000)).toMatchObject([
      1,
      'ok',
      { result: ['ada'] },
    ]);
    expect(await client.call(2, 'command', 'guestbook.rage', {}, null, 5000)).toMatchObject([
      2,
      'error',
      { code: 'teapot', rejected: true },
    ]);
    expect(await json(`${url}/v1/openapi.json`)).toMatchObject({
      paths: { '/v1/commands/orchard.plant': {}, '/v1/queries/guestbook.all': {} },
    });
    expect((await get(`${url}/v1/docs`)).text).toContain('POST /v1/commands/orchard.plant');
  });
});
