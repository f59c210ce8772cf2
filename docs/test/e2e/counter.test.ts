import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect } from '@flotilla/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flotilla } from '../../../apps/cli/test/e2e/command.ts';
import { ProcessCluster } from '../../../apps/cli/test/e2e/process-cluster.ts';
import { counter } from '../../examples/counter.ts';

const repository = resolve(import.meta.dirname, '../../..');
const source = resolve(repository, 'docs/examples/counter.ts');

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create(3, {}, source);
  await cluster.startAll();
});

afterAll(() => cluster.destroy());

test('the counter of the README is the whole file', () => {
  const text = readFileSync(source, 'utf8');
  expect(readFileSync(resolve(repository, 'README.md'), 'utf8')).toContain(`\`\`\`ts docs/examples/counter.ts\n${text}\`\`\`\n`);
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
});

test('fifteen lines are a replicated service: typed client, HTTP, command line, a page of it', { timeout: 60_000 }, async () => {
  const client = connect(counter, cluster.endpoints);
  await client.increment({ by: 2 });
  expect(await client.value()).toBe(2);
  client.$close();

  const headers = { 'content-type': 'application/json' };
  const incremented = await fetch(cluster.url(2, '/v1/commands/increment'), { method: 'POST', headers, body: '{"by":3}' });
  expect(incremented.status).toBe(200);
  const refused = await fetch(cluster.url(2, '/v1/commands/increment'), { method: 'POST', headers, body: '{"by":"much"}' });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { code: 'invalid_input', issues: [{ path: 'by' }] } });

  const endpoints = ['--endpoints', cluster.endpoints.join(',')];
  expect(await flotilla(['call', 'counter', 'increment', '--by', '-1', ...endpoints])).toMatchObject({ code: 0 });
  expect(await flotilla(['call', 'counter', 'value', ...endpoints])).toMatchObject({ code: 0, stdout: '4\n' });
  const help = await flotilla(['call', 'counter', '--help', ...endpoints]);
  expect(help.stdout).toMatch(/increment --by <integer>/);

  const openapi = (await (await fetch(cluster.url(3, '/v1/openapi.json'))).json()) as { openapi: string; paths: object };
  expect(openapi.openapi).toMatch(/^3\.1\./);
  expect(Object.keys(openapi.paths)).toContain('/v1/commands/increment');
});
