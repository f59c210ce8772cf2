import { FlotillaError, isFlotillaError } from '@flotilla/core';
import type { AnyMachineDefinition, EffectDefinition } from './definition.ts';

/** The platform's `AbortSignal`, wherever there is one: this package knows no platform. */
// biome-ignore lint/style/noRestrictedGlobals: only its type
export type EffectSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } } ? Signal : { readonly aborted: boolean };

/** What a handler may know of the effect that it carries out. */
export interface EffectContext {
  /** Unique in the group, and the same whenever it is tried: an idempotency key for whoever is called. */
  readonly id: string;
  /** Counts the tries of this leader, from 1 on. One before it may have tried, too. */
  readonly attempt: number;
  /** The log index and log time (milliseconds since 1970) of the command that asked for it. */
  readonly index: number;
  readonly time: number;
  /** Aborts when this member no longer leads, or stops: another one tries then. */
  readonly signal: EffectSignal;
}

/** The data of the effect `Name`, as its schema gives them. */
export type EffectData<Machine extends AnyMachineDefinition, Name extends keyof Machine['effects']> =
  Machine['effects'][Name] extends EffectDefinition<infer _Input, infer Output> ? Output : never;

/**
 * Who carries out the effects of a machine, by their names: the leader's handlers do, at least once for each effect, whatever fails
 * in between.
 *
 * What a handler returns goes to the command that follows, so it has to be something that this command takes. One that throws an
 * {@link EffectFailed} has failed for good; anything else that it throws is tried again, with growing pauses, until it succeeds.
 */
export type EffectHandlers<Machine extends AnyMachineDefinition = AnyMachineDefinition> = {
  readonly [Name in keyof Machine['effects'] & string]: (data: EffectData<Machine, Name>, context: EffectContext) => unknown;
};

/** Thrown by a handler: the effect has failed, and to try it again would not help. The command that follows is told the reason. */
export class EffectFailed extends FlotillaError {
  constructor(reason: string, options?: { readonly cause?: unknown }) {
    super('effect_failed', reason, 'The command that follows decides what to do about it.', options);
    this.name = 'EffectFailed';
  }
}

/** Whether `error` is an {@link EffectFailed}, also one of another copy of this package. */
export function isEffectFailed(error: unknown): error is EffectFailed {
  return isFlotillaError(error, 'effect_failed');
}
