import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkInputSync } from './check-input.ts';
import { encodeCommand, encodeValue } from './codec/codec.ts';
import { copyValue } from './codec/copy-value.ts';
import { outcomeLimits } from './codec/format.ts';
import type { EffectRequestOptions, ScheduledCommand } from './context.ts';
import type { RequestedEffect, TimerChange } from './contract.ts';
import { MachineError } from './machine-error.ts';

/** What a machine has that its commands may ask for. */
export interface Followable {
  readonly commands: ReadonlyMap<string, { readonly schema: StandardSchemaV1 }>;
  readonly effects: ReadonlyMap<string, { readonly schema: StandardSchemaV1 }>;
}

/** The longest id of a timer, in UTF-16 code units. */
export const timerIdLengthMax = 256;

/** What one command asks for besides its events, while its handler runs. What is wrong with it throws a `MachineError` at once. */
export class FollowUps {
  readonly #of: Followable;
  /** Null until there is one: few commands ask for any. */
  #timers: Map<string, TimerChange> | null = null;
  readonly #effects: RequestedEffect[] = [];
  /** What all that was asked for takes, replaced timers included. */
  #bytes = 0;
  #isClosed = false;

  constructor(of: Followable) {
    this.#of = of;
  }

  get isEmpty(): boolean {
    return this.#timers === null && this.#effects.length === 0;
  }

  /** The last change of each timer. */
  get timers(): readonly TimerChange[] {
    return this.#timers === null ? [] : [...this.#timers.values()];
  }

  get effects(): readonly RequestedEffect[] {
    return this.#effects;
  }

  /** The handler has returned: what it asks for from now on, such as in a callback that it left behind, throws. */
  close(): void {
    this.#isClosed = true;
  }

  schedule(id: string, { at, command, input }: ScheduledCommand): void {
    const schema = this.#schemaOf(command, `timer "${id}"`);
    this.#checkTimer(id);
    if (typeof at !== 'number' || !Number.isFinite(at)) throw defect(`timer "${id}" is due at ${String(at)}`, 'Give a finite number.');
    const checked = checkInputSync(`command "${command}" of timer "${id}"`, schema, input);
    this.#take(encodeCommand({ type: command, input: checked }, 'machine_defect', outcomeLimits));
    // Zero is added because rounding up may give -0, which is written differently.
    this.#put({ kind: 'schedule', id, at: Math.ceil(at) + 0, command: { type: command, input: copyValue(checked) } });
  }

  cancel(id: string): void {
    this.#checkTimer(id);
    this.#put({ kind: 'cancel', id });
  }

  effect(type: string, data: unknown, { then }: EffectRequestOptions = {}): void {
    this.#checkOpen();
    const effect = this.#of.effects.get(type);
    if (effect === undefined)
      throw defect(`there is no effect "${type}"`, `Declare it in "effects". Known effects: ${[...this.#of.effects.keys()].join(', ')}.`);
    if (then !== undefined) this.#schemaOf(then, `effect "${type}"`);
    const checked = checkInputSync(`effect "${type}"`, effect.schema, data);
    this.#take(encodeValue(checked, 'machine_defect', outcomeLimits));
    this.#effects.push({ type, data: copyValue(checked), then: then ?? null });
  }

  #take({ length }: Uint8Array): void {
    this.#bytes += length;
    if (this.#bytes > outcomeLimits.bytesMax)
      throw defect(`the timers and effects of one command take more than ${outcomeLimits.bytesMax} bytes`, 'Ask for less at once.');
  }

  /** Behind all others, so that the order is that of the last changes. */
  #put(change: TimerChange): void {
    this.#timers ??= new Map();
    this.#timers.delete(change.id);
    this.#timers.set(change.id, change);
  }

  #schemaOf(command: string, asker: string): StandardSchemaV1 {
    const found = this.#of.commands.get(command);
    if (found === undefined)
      throw defect(
        `${asker} asks for a command "${command}", which does not exist`,
        `Commands: ${[...this.#of.commands.keys()].join(', ')}.`,
      );
    return found.schema;
  }

  #checkTimer(id: string): void {
    this.#checkOpen();
    if (typeof id !== 'string' || id === '' || id.length > timerIdLengthMax)
      throw defect(`"${String(id).slice(0, 40)}" is no id of a timer`, `It is a text of 1 to ${timerIdLengthMax} characters.`);
    copyValue(id);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw defect('a command asked for something after its handler had returned', 'Handlers wait for nothing.');
  }
}

function defect(what: string, hint: string): MachineError {
  return new MachineError('machine_defect', what, hint);
}
