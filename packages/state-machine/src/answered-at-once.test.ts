import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from './codec/codec.ts';
import { composeMachines } from './composition/compose-machines.ts';
import { defineMachine } from './define-machine.ts';
import type { AnyMachineDefinition } from './definition.ts';
import { command, event, query } from './handlers.ts';

const fail = async () => {
  throw new Error('late');
};

/** As a program without types may have it. A promise that fails and that nobody holds would fail this test file. */
const late = defineMachine({
  name: 'late',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { decide: command(z.object({}), fail as never as () => []), evolve: command(z.object({}), () => [event('evolved')]) },
  events: { evolved: fail as never as () => undefined },
  queries: { ask: query(fail) },
});
const composed = composeMachines({ name: 'whole', version: 1, machines: { late } });

function apply(machine: AnyMachineDefinition, type: string) {
  return machine.create().apply([{ index: 1, term: 1, time: 0, payload: encodeCommand({ type, input: {} }) }]);
}

describe.each([
  ['a machine', late, ''],
  ['a part', composed, 'late.'],
])('a promise of %s', (_what, machine, prefix) => {
  const promised = expect.objectContaining({ code: 'machine_defect', message: expect.stringContaining('returned a promise') });

  it('is no decision', () => {
    expect(apply(machine, `${prefix}decide`)).toEqual([promised]);
  });

  it('is no state', () => {
    expect(() => apply(machine, `${prefix}evolve`)).toThrow(promised);
  });

  it('is no answer', () => {
    expect(() => machine.create().query(`${prefix}ask`, undefined)).toThrow(promised);
  });
});
