import { answeredAtOnce } from './answered-at-once.ts';
import { checkInput, checkInputSync } from './check-input.ts';
import { decodeCommand, encodeCommand, encodeEvents, encodeReply, encodeValue } from './codec/codec.ts';
import { copyValue } from './codec/copy-value.ts';
import { inputLimits, outcomeLimits } from './codec/format.ts';
import { contextOf } from './command-context.ts';
import type { EventContext } from './context.ts';
import type { Accepted, Command, CommittedCommand, MachineEvent, Outcome, Rejected, StateMachine } from './contract.ts';
import type { AnyMachineDefinition, Decision } from './definition.ts';
import { FollowUps } from './follow-ups.ts';
import { type HeldState, holdState } from './held-state.ts';
import { isMachineError, MachineError, passOnNondeterminism } from './machine-error.ts';
import { type MachineParts, partsOf } from './machine-parts.ts';
import { messageOf } from './message-of.ts';
import type { StateSpace } from './space/state-space.ts';
import { UnchangedState } from './unchanged-state.ts';

/** A {@link StateMachine} out of handlers: a command decides events, and the state is the fold of the events. */
export class EventSourcedMachine implements StateMachine {
  readonly name: string;
  readonly version: number;
  readonly space: StateSpace | undefined;
  readonly #parts: MachineParts;
  readonly #state: HeldState;
  readonly #unchanged: UnchangedState;
  /** Set once an event handler threw: the state may be half changed, so nothing may read or extend it any more. */
  #defect: MachineError | null = null;

  constructor(definition: AnyMachineDefinition, space?: StateSpace) {
    this.name = definition.name;
    this.version = definition.version;
    this.#parts = partsOf(definition);
    this.#state = holdState(definition, space);
    this.#unchanged = new UnchangedState(this.#state);
    this.space = this.#state.space;
  }

  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    return commands.map((command) => this.#applyOne(command));
  }

  query(type: string, input: unknown): unknown {
    this.#checkIntact();
    const query = this.#parts.queries.get(type);
    if (query === undefined) throw unknownQuery(type, [...this.#parts.queries.keys()]);
    const checked = query.schema === null ? checkNoInput(type, input) : checkInputSync(`query "${type}"`, query.schema, input);
    try {
      // The answer leaves the machine, so it must not share structure with the state.
      const answer = this.#unchanged.during(`query "${type}"`, () => query.handler(this.#state.value, checked));
      return copyValue(answeredAtOnce(`query "${type}"`, answer));
    } catch (cause) {
      passOnNondeterminism(cause);
      throw new MachineError('machine_defect', `query "${type}" failed: ${messageOf(cause)}`, 'This is a defect of the machine.', {
        cause,
      });
    }
  }

  async encode(command: Command): Promise<Uint8Array> {
    const found = this.#parts.commands.get(command.type);
    if (found === undefined) throw unknownCommand(command.type, [...this.#parts.commands.keys()]);
    const input = await checkInput(`command "${command.type}"`, found.schema, command.input);
    return encodeCommand({ type: command.type, input }, 'invalid_input', inputLimits);
  }

  decode(payload: Uint8Array): Command {
    return decodeCommand(payload);
  }

  snapshot(): Uint8Array {
    this.#checkIntact();
    return this.#state.snapshot();
  }

  restore(snapshot: Uint8Array): void {
    this.#state.restore(snapshot);
    this.#defect = null;
  }

  #applyOne(command: CommittedCommand): Outcome {
    this.#checkIntact();
    const outcome = this.#decide(command);
    if (outcome.kind === 'accepted') this.#evolve(outcome.events, { index: command.index, term: command.term, now: command.time });
    return outcome;
  }

  /** Total: whatever is wrong with a command becomes a rejection, and the state is as before. */
  #decide(committed: CommittedCommand): Outcome {
    let decoded: Command;
    try {
      decoded = decodeCommand(committed.payload);
    } catch (error) {
      return rejected('malformed_payload', messageOf(error));
    }
    const command = this.#parts.commands.get(decoded.type);
    if (command === undefined) return rejected('unknown_command', unknownCommand(decoded.type, [...this.#parts.commands.keys()]).message);
    const followUps = new FollowUps(this.#parts);
    try {
      const ctx = contextOf(committed, followUps);
      const returned = this.#unchanged.during(`command "${decoded.type}"`, () => command.handler(this.#state.value, decoded.input, ctx));
      const decision = answeredAtOnce(`command "${decoded.type}"`, returned);
      return withFollowUps(this.#outcomeOf(decoded.type, decision), followUps, committed);
    } catch (error) {
      passOnNondeterminism(error);
      return rejected('machine_defect', messageOf(error));
    } finally {
      followUps.close();
    }
  }

  /**
   * What the handler returned is written before anything changes, for what cannot be written must not happen; and copied, because it may
   * share structure with the state.
   */
  #outcomeOf(type: string, decision: unknown): Outcome {
    if (!isDecision(decision)) throw defectOf(type, 'returned neither events, nor accept(…), nor reject(…)');
    if ('kind' in decision && decision.kind === 'rejected') return rejectionOf(decision);
    const { reply, events }: Pick<Accepted, 'reply' | 'events'> = 'kind' in decision ? decision : { reply: undefined, events: decision };
    for (const event of events)
      if (!this.#parts.events.has(event.type)) throw defectOf(type, `caused an event "${event.type}", which has no handler`);
    const encoded = { reply: encodeReply(reply, outcomeLimits), events: encodeEvents({ version: this.version, events }, outcomeLimits) };
    return { kind: 'accepted', reply: copyValue(reply), events: events.map(copyEvent), encoded };
  }

  #evolve(events: readonly MachineEvent[], ctx: EventContext): void {
    for (const { type, data } of events) {
      try {
        // A handler may keep the data in the state and change it later; whoever else has the event must not see that.
        this.#state.change(type, (state) => answeredAtOnce(`event "${type}"`, this.#parts.events.get(type)?.(state, copyValue(data), ctx)));
      } catch (cause) {
        this.#defect = isMachineError(cause, 'nondeterministic')
          ? cause
          : new MachineError(
              'machine_defect',
              `the handler of event "${type}" threw at index ${ctx.index}: ${messageOf(cause)}`,
              'The state may be half changed, so this member must stop. Correct the machine, then restart it.',
              { cause },
            );
        throw this.#defect;
      }
    }
  }

  #checkIntact(): void {
    if (this.#defect !== null) throw this.#defect;
  }
}

/** What the command asked for belongs to its outcome, if it was accepted and there is room. */
function withFollowUps(outcome: Outcome, followUps: FollowUps, { room }: CommittedCommand): Outcome {
  if (outcome.kind === 'rejected' || followUps.isEmpty) return outcome;
  const { timers, effects } = followUps;
  const scheduled = timers.filter(({ kind }) => kind === 'schedule').length;
  if (room && scheduled > room.timers) return rejected('too_many_timers', `${scheduled} timers are more than there is room for`);
  if (room && effects.length > room.effects)
    return rejected('too_many_effects', `${effects.length} effects are more than there is room for`);
  return { ...outcome, ...(timers.length > 0 && { timers }), ...(effects.length > 0 && { effects }) };
}

function rejectionOf({ code, message, details }: Rejected): Rejected {
  encodeValue([code, message, details], 'machine_defect', outcomeLimits);
  return rejected(code, message, copyValue(details));
}

function copyEvent({ type, data }: MachineEvent): MachineEvent {
  return { type, data: copyValue(data) };
}

function isDecision(value: unknown): value is Decision {
  if (typeof value !== 'object' || value === null) return false;
  const events = Array.isArray(value) ? value : 'events' in value && 'kind' in value && value.kind === 'accepted' ? value.events : null;
  if (Array.isArray(events)) return events.every((event) => typeof event === 'object' && event !== null && typeof event.type === 'string');
  return 'kind' in value && value.kind === 'rejected' && isText(value, 'code') && isText(value, 'message');
}

function isText(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'string';
}

function checkNoInput(type: string, input: unknown): undefined {
  const none = input === undefined || input === null || (typeof input === 'object' && Object.keys(input).length === 0);
  if (!none)
    throw new MachineError('invalid_input', `query "${type}" takes no input`, 'Leave the input out.', {
      issues: [{ path: '', message: 'no input expected' }],
    });
}

function rejected(code: string, message: string, details?: unknown): Rejected {
  return { kind: 'rejected', code, message, details };
}

function unknownCommand(type: string, known: readonly string[]): MachineError {
  return new MachineError('unknown_command', `there is no command "${type}"`, `Known commands: ${known.join(', ')}.`);
}

function unknownQuery(type: string, known: readonly string[]): MachineError {
  return new MachineError('unknown_query', `there is no query "${type}"`, `Known queries: ${known.join(', ')}.`);
}

function defectOf(type: string, what: string): MachineError {
  return new MachineError('machine_defect', `the handler of command "${type}" ${what}`, 'This is a defect of the machine.');
}
