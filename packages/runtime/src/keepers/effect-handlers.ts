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
  readonly signal: AbortSignal;
}

/**
 * Carries out the effects of a machine, by their types: the leader's do, at least once for each effect, whatever fails in between.
 *
 * What a handler returns goes to the command that follows, so it has to be something that this command takes. One that throws an
 * {@link EffectFailed} has failed for good; anything else that it throws is tried again, with growing pauses, until it succeeds.
 */
export interface EffectHandlers {
  readonly [type: string]: { handle(data: unknown, context: EffectContext): unknown }['handle'];
}

/** Thrown by a handler: the effect has failed, and to try it again would not help. The reason goes to the command that follows. */
export class EffectFailed extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'EffectFailed';
  }
}
