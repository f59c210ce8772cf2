import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineMachine } from '../src/define-machine.ts';
import { command } from '../src/handlers.ts';
import { replicate } from '../src/replica/replicate.ts';

it('a machine whose initial state cannot be made says so, with its name', () => {
  const state = (): number => {
    throw new Error('boom');
  };
  const machine = defineMachine({ name: 'rash', version: 1, state, commands: {}, events: {}, queries: {} });
  const message = expect.stringMatching(/machine "rash" .*boom/);
  for (const make of [() => machine.create(), () => replicate(machine)])
    expect(make).toThrow(expect.objectContaining({ code: 'machine_defect', message }));
});

it.each([
  ['at once', z.string().transform((text) => JSON.parse(text) as unknown)],
  // By hand: zod runs such a transform twice, and leaves the first promise alone.
  ['later', { '~standard': { version: 1, vendor: 'test', validate: async (text) => ({ value: JSON.parse(String(text)) }) } }],
] satisfies [string, StandardSchemaV1][])('a machine whose schema throws %s is blamed for it', async (_when, schema) => {
  const take = command(schema, () => []);
  const machine = defineMachine({ name: 'rash', version: 1, state: () => 0, commands: { take }, events: {}, queries: {} });
  await expect(machine.create().encode({ type: 'take', input: '{' })).rejects.toMatchObject({
    code: 'machine_defect',
    message: expect.stringMatching(/^the schema of command "take" threw: .*JSON/),
  });
});
