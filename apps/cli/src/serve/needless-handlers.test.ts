import { command, defineMachine, effect } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { needlessHandlers } from './needless-handlers.ts';

const text = z.object({ to: z.string() });
const commands = { go: command(z.object({}), () => []) };
const first = defineMachine({
  name: 'post',
  version: 1,
  state: () => 0,
  commands,
  events: {},
  queries: {},
  effects: { letter: effect(text) },
});
const second = defineMachine({
  name: 'post',
  version: 2,
  state: () => 0,
  commands,
  events: {},
  queries: {},
  effects: { mail: effect(text) },
  previous: first,
});
const handler = async () => null;

test('handlers of effects that no version of the machine asks for are told, with those that it has', () => {
  expect(needlessHandlers(second, { mail: handler, letter: handler })).toBeNull();
  expect(needlessHandlers(second, {})).toBeNull();
  expect(needlessHandlers(second, { mial: handler, toString: handler })).toBe(
    '"effects" has handlers for mial, toString, which are no effects of machine "post": it has mail, letter',
  );
  const none = defineMachine({ name: 'none', version: 1, state: () => 0, commands, events: {}, queries: {} });
  expect(needlessHandlers(none, { mail: handler })).toContain('it has none');
});
