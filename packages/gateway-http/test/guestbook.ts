import { HttpGateway, type HttpGatewayOptions } from '@flotilla/gateway-http';
import { SingleNodeGroup } from '@flotilla/gateway-http/testing';
import { accept, command, defineMachine, event, query, reject, replicate } from '@flotilla/state-machine';
import { afterEach } from 'vitest';
import { z } from 'zod';

const bytes = z.union([z.instanceof(Uint8Array), z.string()]);

/** A machine with a bit of everything that a gateway has to carry. */
export const guestbook = defineMachine({
  name: 'guestbook',
  version: 1,
  state: () => ({ entries: [] as (string | Uint8Array)[] }),
  commands: {
    sign: command(z.object({ names: z.array(bytes).min(1) }), (state, { names }) =>
      accept(
        { count: state.entries.length + names.length },
        names.map((name) => event('signed', { name })),
      ),
    ),
    refuse: command(z.object({}), () => reject('closed', 'the book is closed', { since: 7n })),
    rage: command(z.object({}), () => reject('teapot', 'short and stout')),
    break: command(z.object({}), (): [] => {
      throw new Error('inner secret');
    }),
  },
  events: {
    signed: (state, { name }: { name: string | Uint8Array }) => {
      state.entries.push(name);
    },
  },
  queries: {
    all: query((state) => state.entries),
    at: query(z.object({ position: z.int() }), (state, { position }) => state.entries[position] ?? null),
  },
});

export interface Served {
  readonly group: SingleNodeGroup;
  readonly gateway: HttpGateway;
  readonly url: string;
  readonly errors: unknown[];
}

const started: HttpGateway[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((gateway) => gateway.close()));
});

/** A gateway on a free port that closes after the test. */
export async function serve(options: Partial<HttpGatewayOptions> = {}): Promise<Served> {
  const group = new SingleNodeGroup(replicate(guestbook), () => 1000);
  const errors: unknown[] = [];
  const reportError = (error: unknown) => errors.push(error);
  const gateway = new HttpGateway({ group, machine: guestbook, host: '127.0.0.1', port: 0, closeTimeoutMs: 200, reportError, ...options });
  const { url } = await gateway.start();
  started.push(gateway);
  return { group, gateway, url, errors };
}

/** Posts JSON and reads JSON. */
export async function post(url: string, body: unknown = {}) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

/** Waits until `condition` holds, turn by turn. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
