import { expect } from 'vitest';
import { checkInputSync } from '../check-input.ts';
import { encodeCommand } from '../codec/codec.ts';
import { contextOf } from '../command-context.ts';
import type { ScheduledCommand } from '../context.ts';
import type { Accepted, FiredTimer, MachineEvent, Outcome, TimerChange } from '../contract.ts';
import type { AnyMachineDefinition } from '../definition.ts';
import { guarded, installAmbientGuard } from '../determinism/index.ts';
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
  /** The session of the client. Default: none. */
  readonly session?: number | null;
  /** The timer that asks for the command. Default: none. */
  readonly timer?: FiredTimer | null;
}

export interface Given<Machine extends AnyMachineDefinition> {
  /** Applies one command to the state that the given events lead to. Throws `invalid_input` where the schema refuses it. */
  when(command: CommandOf<Machine>, options?: WhenOptions): Then<Machine>;
}

/** A timer as a specification names it. */
export interface ScheduledTimer extends ScheduledCommand {
  readonly id: string;
}

/** An effect as a specification names it. */
export interface ExpectedEffect {
  readonly type: string;
  readonly data: unknown;
  /** Absent for none. */
  readonly then?: string;
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
  /** The command was accepted and scheduled exactly these timers, in the order in which it asked for them. */
  thenScheduled(timers: readonly ScheduledTimer[]): Then<Machine>;
  /** The command was accepted and took exactly these timers back. */
  thenCancelled(ids: readonly string[]): Then<Machine>;
  /** The command was accepted and asked for exactly these effects in this order. */
  thenEffects(effects: readonly ExpectedEffect[]): Then<Machine>;
  /** The command was refused with this code and, where given, these details. */
  thenRejected(code: string, details?: unknown): Then<Machine>;
}

/**
 * A specification of the form "given these events, when this command, then those events".
 *
 * The n-th given event counts as index n, term 1, log time 0. Fails as well if deciding the command changes the state, which only
 * event handlers may do, or if a handler does what differs from replica to replica: then with code `nondeterministic`.
 */
export function given<Machine extends AnyMachineDefinition>(machine: Machine, events: readonly EventOf<Machine>[]): Given<Machine> {
  return {
    when(command, { index = events.length + 1, term = 1, now = 0, session = null, timer = null }: WhenOptions = {}) {
      const committed = { index, term, time: now, session, timer };
      const { schema, handler } = machine.commands[command.type]();
      const input = checkInputSync(`command "${command.type}"`, schema, command.input);
      const state = watched(machine, () => stateAfter(machine, events));
      const snapshot = state.snapshot();

      watched(machine, () => attempt(() => handler(state.value, input, contextOf(committed, new FollowUps(partsOf(machine))))));
      expect(state.snapshot(), `deciding "${command.type}" changed the state, which only event handlers may do`).toEqual(snapshot);

      const replica = machine.create();
      replica.restore(snapshot);
      const payload = encodeCommand({ type: command.type, input });
      const [outcome] = watched(machine, () => replica.apply([{ ...committed, payload }]));
      return thenOf(command.type, outcome);
    },
  };
}

/** Runs handlers of the machine: what they must not do throws. */
function watched<T>({ name }: AnyMachineDefinition, run: () => T): T {
  const remove = installAmbientGuard();
  try {
    return guarded(name, run);
  } finally {
    remove();
  }
}

function stateAfter(machine: AnyMachineDefinition, events: readonly MachineEvent[]): HeldState {
  const held = holdState(machine);
  for (const [position, { type, data }] of events.entries()) {
    const evolve = machine.events[type];
    if (evolve === undefined) throw new Error(`machine "${machine.name}" has no event "${type}"`);
    held.change(type, (state) => evolve(state, data, { index: position + 1, term: 1, now: 0 }));
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
  const accepted = (): Accepted => {
    expect(outcome, `outcome of "${command}"`).toMatchObject({ kind: 'accepted' });
    return outcome as Accepted;
  };
  const checks: Then<Machine> = {
    then(events) {
      expect(accepted().events, `events of "${command}"`).toEqual(events);
      return checks;
    },
    thenReply(reply) {
      expect(accepted().reply, `reply of "${command}"`).toEqual(reply);
      return checks;
    },
    thenScheduled(timers) {
      const scheduled = (accepted().timers ?? []).flatMap((change) => (change.kind === 'schedule' ? [timerOf(change)] : []));
      expect(scheduled, `timers of "${command}"`).toEqual(timers);
      return checks;
    },
    thenCancelled(ids) {
      const cancelled = (accepted().timers ?? []).filter(({ kind }) => kind === 'cancel').map(({ id }) => id);
      expect(cancelled, `timers that "${command}" took back`).toEqual(ids);
      return checks;
    },
    thenEffects(effects) {
      const wanted = effects.map(({ then = null, ...rest }) => ({ ...rest, then }));
      expect(accepted().effects ?? [], `effects of "${command}"`).toEqual(wanted);
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

function timerOf({ id, at, command }: Extract<TimerChange, { readonly kind: 'schedule' }>): ScheduledTimer {
  return { id, at, command: command.type, input: command.input };
}
