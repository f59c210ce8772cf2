import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineMachine } from './define-machine.ts';
import { describeMachine } from './describe-machine.ts';
import { command, effect, event, query, reject } from './handlers.ts';

/** A schema of a library that knows nothing of JSON Schema. */
const plain = { '~standard': { version: 1, vendor: 'plain', validate: (value: unknown) => ({ value }) } } as const;

const machine = defineMachine({
  name: 'library',
  version: 2,
  state: () => 0,
  commands: {
    lend: command(z.object({ days: z.string().transform(Number) }), () => (Math.abs(1) ? reject('lent', 'out') : [event('lent')]), {
      description: 'Lends a book.',
      reply: z.object({ until: z.date() }),
      errors: { lent: { description: 'Somebody has it.', status: 409 }, unknown: 'There is no such book.' },
    }),
    plain: command(plain, () => [event('lent')]),
  },
  events: { lent: (lent) => lent + 1 },
  queries: {
    count: query((lent) => lent),
    of: query(z.object({ name: z.string() }), () => 1, { description: 'How many.', answer: z.number() }),
  },
  effects: { remind: effect(z.object({})) },
});

const schema = expect.objectContaining({ $schema: 'https://json-schema.org/draft/2020-12/schema' });

it('describes all that there is, as far as somebody has said it', () => {
  const description = describeMachine(machine);
  expect(description).toEqual({
    name: 'library',
    version: 2,
    commands: [
      {
        name: 'lend',
        description: 'Lends a book.',
        input: schema,
        reply: schema,
        errors: [
          { code: 'lent', description: 'Somebody has it.', status: 409 },
          { code: 'unknown', description: 'There is no such book.', status: null },
        ],
      },
      { name: 'plain', description: null, input: null, reply: null, errors: [] },
    ],
    queries: [
      { name: 'count', description: null, takesInput: false, input: null, answer: null },
      { name: 'of', description: 'How many.', takesInput: true, input: schema, answer: schema },
    ],
    events: ['lent'],
    effects: ['remind'],
  });
  expect(description.commands[0]?.input).toMatchObject({ properties: { days: { type: 'string' } }, required: ['days'] });
  expect(description.commands[0]?.reply).toMatchObject({ properties: { until: {} } });
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
});
