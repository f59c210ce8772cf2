import { type EffectContext, type EffectHandlers, type EffectOutcome, isEffectFailed, type PendingEffect } from '@flotilla/state-machine';
import type { Logger, Random, Scheduler } from '../ports.ts';
import type { Permits } from './permits.ts';

const firstPauseMs = 250;
const longestPauseMs = 60_000;

/** What it takes to try effects. */
export interface AttemptPorts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
}

/** Tries an effect until it is done or has failed for good; null where `signal` aborts before. Each try needs a permit. */
export async function outcomeOf(
  effect: PendingEffect,
  handler: EffectHandlers[string],
  permits: Permits,
  signal: AbortSignal,
  ports: AttemptPorts,
): Promise<EffectOutcome | null> {
  for (let attempt = 1; ; attempt++) {
    const { id, index, time } = effect;
    const outcome = await permits.run(() => outcomeOfAttempt(effect, handler, { id, attempt, index, time, signal }, ports.logger));
    if (signal.aborted) return null;
    if (outcome !== null) return outcome;
    await pause(ports.scheduler, pauseMsAfter(attempt, ports.random), signal);
  }
}

/** Null where it has to be tried again, or where nobody wants to know any more. */
async function outcomeOfAttempt(
  { id, type, data }: PendingEffect,
  handler: EffectHandlers[string],
  context: EffectContext,
  logger: Logger,
): Promise<EffectOutcome | null> {
  if (context.signal.aborted) return null;
  try {
    return { id, ok: true, result: (await handler(data, context)) ?? null };
  } catch (error) {
    // By its name: the handlers' module may have brought its own copy of this package.
    if (isEffectFailed(error)) return { id, ok: false, reason: error.message };
    const { attempt, signal } = context;
    if (!signal.aborted) logger.warn({ effect: id, type, attempt, err: error }, 'an effect failed and is tried again');
    return null;
  }
}

/** Doubles with each try. Drawn at random between half and all of that, so that what failed together is not tried again together. */
function pauseMsAfter(attempt: number, random: Random): number {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  return pauseMs * (0.5 + random() / 2);
}

/** Resolves after `delayMs`, or when `signal` aborts. */
export function pause(scheduler: Scheduler, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = scheduler.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = () => {
      cancel();
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
