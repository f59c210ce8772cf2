import { expect } from 'vitest';
import { checkInputSync } from '../check-input.ts';
import { encodeCommand } from '../codec/codec.ts';
import { contextOf } from '../command-context.ts';
import type { MachineEvent, Outcome } from '../contract.ts';
import type { AnyMachineDefinition } from '../definition.ts';
import { FollowUps } from '../follow-ups.ts';
import { type HeldState, holdState } from '../held-state.ts';
import { partsOf } from '../machine-parts.ts';
import type { CommandOf, EventOf } from '../machine-types.ts';

export interface WhenOptions {
  /** The log index of the command. Default: one more than the number of events given. */
  readonly index?: number;
  /** Default 1. */
  readonly term?: number;
  /** Log time in milliseconds. Default 0. */
  readonly now?: number;
}

export interface Given<Machine extends AnyMachineDefinition> {
  /** Applies one command to the state that the given events lead to. Throws `invalid_input` where the schema refuses it. */
  when(command: CommandOf<Machine>, options?: WhenOptions): Then<Machine>;
}

/**
 * What must have come of the command. Each check returns the same object, so that checks can be chained. Do not return it
 * from an asynchronous test: its method `then` would be taken for a promise's.
 */
export interface Then<Machine extends AnyMachineDefinition> {
  /** The command was accepted, and exactly these events happened in this order. */
  then(events: readonly EventOf<Machine>[]): Then<Machine>;
  /** The command was accepted with this reply. */
  thenReply(reply: unknown): Then<Machine>;
  /** The command was refused with this code and, where given, these details. */
  thenRejected(code: string, details?: unknown): Then<Machine>;
}

/**
 * A specification of the form "given these events, when this command, then those events".
 *
 * The n-th given event counts as index n, term 1, log time 0. Fails as well if deciding the command changes the state,
 * which only event handlers may do.
 */
export function given<Machine extends AnyMachineDefinition>(machine: Machine, events: readonly EventOf<Machine>[]): Given<Machine> {
  return {
    when(command, { index = events.length + 1, term = 1, now = 0 } = {}) {
      const { schema, handler } = machine.commands[command.type]();
      const input = checkInputSync(`command "${command.type}"`, schema, command.input);
      const state = stateAfter(machine, events);
      const snapshot = state.snapshot();

      attempt(() => handler(state.value, input, contextOf({ index, term, time: now }, new FollowUps(partsOf(machine)))));
      expect(state.snapshot(), `deciding "${command.type}" changed the state, which only event handlers may do`).toEqual(snapshot);

      const replica = machine.create();
      replica.restore(snapshot);
      const [outcome] = replica.apply([{ index, term, time: now, payload: encodeCommand({ type: command.type, input }) }]);
      return thenOf(command.type, outcome);
    },
  };
}

function stateAfter(machine: AnyMachineDefinition, events: readonly MachineEvent[]): HeldState {
  const held = holdState(machine);
  for (const [position, { type, data }] of events.entries()) {
    const evolve = machine.events[type];
    if (evolve === undefined) throw new Error(`machine "${machine.name}" has no event "${type}"`);
    held.change((state) => evolve(state, data, { index: position + 1, term: 1, now: 0 }));
  }
  return held;
}

/** A handler that throws is the business of the outcome, which reports it as `machine_defect`. */
function attempt(decide: () => unknown): void {
  try {
    decide();
  } catch {}
}

function thenOf<Machine extends AnyMachineDefinition>(command: string, outcome: Outcome | undefined): Then<Machine> {
  const checks: Then<Machine> = {
    then(events) {
      expect(outcome, `outcome of "${command}"`).toMatchObject({ kind: 'accepted' });
      expect(outcome?.kind === 'accepted' && outcome.events, `events of "${command}"`).toEqual(events);
      return checks;
    },
    thenReply(reply) {
      expect(outcome, `outcome of "${command}"`).toMatchObject({ kind: 'accepted' });
      expect(outcome?.kind === 'accepted' && outcome.reply, `reply of "${command}"`).toEqual(reply);
      return checks;
    },
    thenRejected(code, details) {
      expect(outcome, `outcome of "${command}"`).toMatchObject({ kind: 'rejected', code });
      if (details !== undefined) expect(outcome?.kind === 'rejected' && outcome.details).toEqual(details);
      return checks;
    },
  };
  return checks;
}
