import type { GroupId, Term } from '@flotilla/core';
import {
  type EffectHandlers,
  type EffectOutcome,
  encodeCommand,
  type PendingEffect,
  type ReplicatedMachine,
} from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { FailStop } from '../fail-stop.ts';
import type { GroupConfig } from '../host-config.ts';
import type { Logger, Random, Scheduler } from '../ports.ts';
import { Proposer } from '../proposer.ts';
import { isRuntimeError } from '../runtime-error.ts';
import { tokens } from '../tokens.ts';
import { type AttemptPorts, outcomeOf, pause } from './effect-attempts.ts';
import { GroupView } from './group-view.ts';
import type { Keeper } from './keeper.ts';
import { Permits } from './permits.ts';
import { proposalRetryMs, proposalTimeoutMs } from './request-lane.ts';

/** How many handlers run at a time. */
const runningMax = 16;

/** How far into the outbox the driver looks for effects that it can carry out, past those that wait or have no handler. */
const lookaheadMax = 4096;

/** What the driver does as long as this member leads. */
interface Shift {
  readonly term: Term;
  readonly permits: Permits;
  /** The effects of the outbox that it has looked at, and what ends those under way; null without a handler. */
  readonly known: Map<string, AbortController | null>;
  readonly unhandled: Set<string>;
  /** The revision of the outbox of which it knows every effect. */
  seenRevision: number | null;
}

/**
 * Carries out what waits in the machine's outbox, as long as this member leads: at least once, as a leader may be lost between the
 * deed and the entry that tells everybody of it.
 */
@injectable()
export class OutboxDriver implements Keeper {
  readonly #group: GroupId;
  readonly #machine: ReplicatedMachine;
  readonly #view: GroupView;
  readonly #proposer: Proposer;
  readonly #handlers: EffectHandlers;
  readonly #failStop: FailStop;
  readonly #ports: AttemptPorts;
  #shift: Shift | null = null;
  #stopped = false;

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(GroupView) view: GroupView,
    @inject(Proposer) proposer: Proposer,
    @inject(tokens.effectHandlers) handlers: (group: GroupId) => EffectHandlers,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.random) random: Random,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#group = group.id;
    this.#machine = machine;
    this.#view = view;
    this.#proposer = proposer;
    this.#handlers = handlers(group.id);
    this.#failStop = failStop;
    this.#ports = { scheduler, random, logger };
  }

  look(): void {
    const term = this.#stopped ? null : this.#view.leadingTerm;
    if (this.#shift !== null && this.#shift.term !== term) this.#endShift();
    if (term === null) return;
    this.#shift ??= newShift(term);
    this.#takeUp(this.#shift);
  }

  stop(): void {
    this.#stopped = true;
    this.#endShift();
  }

  #endShift(): void {
    const shift = this.#shift;
    this.#shift = null;
    for (const end of shift?.known.values() ?? []) end?.abort();
  }

  /** Begins with the oldest effects for which there is a permit. */
  #takeUp(shift: Shift): void {
    const { service } = this.#machine;
    while (shift.permits.free > 0 && shift.seenRevision !== service.outboxRevision && shift.known.size < lookaheadMax) {
      const max = Math.min(lookaheadMax, shift.known.size + shift.permits.free);
      const pending = service.pendingEffects(max);
      for (const effect of pending) this.#begin(shift, effect);
      if (pending.length < max) shift.seenRevision = service.outboxRevision;
    }
  }

  #begin(shift: Shift, effect: PendingEffect): void {
    const { id, type } = effect;
    if (shift.known.has(id)) return;
    const handler = Object.hasOwn(this.#handlers, type) ? this.#handlers[type] : undefined;
    const end = handler === undefined ? null : new AbortController();
    shift.known.set(id, end);
    if (handler === undefined || end === null) return this.#reportMissing(shift, type);
    this.#carryOut(shift, effect, handler, end.signal).catch((error: unknown) => this.#failStop.trip(error));
  }

  #reportMissing(shift: Shift, type: string): void {
    if (shift.unhandled.has(type)) return;
    shift.unhandled.add(type);
    const message = `nobody carries out effects of type "${type}", which wait: give this host a handler for them`;
    this.#ports.logger.error({ group: this.#group, machine: this.#machine.name, type }, message);
  }

  async #carryOut(shift: Shift, effect: PendingEffect, handler: EffectHandlers[string], signal: AbortSignal): Promise<void> {
    const outcome = await outcomeOf(effect, handler, shift.permits, signal, this.#ports);
    if (outcome === null) return;
    await this.#acknowledge(effect, outcome, signal);
    shift.known.delete(effect.id);
    this.look();
  }

  /**
   * The command that follows: encoded by the version that applies now, which it names, or, for an effect of an older one, bare, so that
   * the group understands it as that version's. Null for none.
   */
  async #followUp(effect: PendingEffect, outcome: EffectOutcome): Promise<Uint8Array | null> {
    const { id, type, then, version } = effect;
    const { logger } = this.#ports;
    if (!outcome.ok) logger.warn({ effect: id, type, reason: outcome.reason }, 'an effect has failed for good');
    if (then === null) return null;
    try {
      const command = { type: then, input: outcome };
      return version === this.#machine.version ? await this.#machine.encode(command) : encodeCommand(command);
    } catch (error) {
      logger.error({ effect: id, type, then, err: error }, 'what came of an effect is nothing that the command behind it takes');
      if (!outcome.ok) return null;
      return this.#followUpOfRefused(effect, error);
    }
  }

  /** What is done is not done again because its acknowledgement was lost. */
  async #acknowledge(effect: PendingEffect, outcome: EffectOutcome, signal: AbortSignal): Promise<void> {
    let command = await this.#followUp(effect, outcome);
    while (!signal.aborted) {
      try {
        await this.#proposer.propose({ kind: 'effect-done', effect: effect.id, command }, { timeoutMs: proposalTimeoutMs, signal });
        return;
      } catch (error) {
        if (!isRuntimeError(error)) throw error;
        // No log takes that, however often it is tried.
        if (error.code === 'payload_too_large') command = await this.#followUpOfRefused(effect, error);
        await pause(this.#ports.scheduler, proposalRetryMs, signal);
      }
    }
  }

  /** What the effect gave is of no use to the group, which is told so. */
  #followUpOfRefused(effect: PendingEffect, error: unknown): Promise<Uint8Array | null> {
    return this.#followUp(effect, { id: effect.id, ok: false, reason: `what the effect gave was refused: ${String(error)}` });
  }
}

function newShift(term: Term): Shift {
  return { term, permits: new Permits(runningMax), known: new Map(), unhandled: new Set(), seenRevision: null };
}
