import { HistoryError } from './history-error.ts';
import type { EventType, Serial } from './history-event.ts';
import type { Operation } from './operation.ts';

/** A call that begins. */
export interface Invocation {
  readonly process: number;
  readonly f: string;
  readonly key: string | null;
  readonly value: unknown;
  readonly node: number | null;
  readonly serial?: Serial | undefined;
}

type Recorded = { -readonly [Name in keyof Operation]: Operation[Name] };

/**
 * A history in memory, one object for each call. It holds at most `operationsMax` calls: a run that makes more spreads them over
 * keys that it leaves behind, and takes those out ({@link HistoryRecorder.take}) as it goes.
 */
export class HistoryRecorder {
  readonly #operationsMax: number;
  readonly #byKey = new Map<string | null, Recorded[]>();
  /** The last call of each process. */
  readonly #last = new Map<number, Recorded>();
  #size = 0;
  #time = Number.NEGATIVE_INFINITY;
  #index = -1;

  constructor({ operationsMax = 2_000_000 }: { readonly operationsMax?: number } = {}) {
    this.#operationsMax = operationsMax;
  }

  /** How many calls it holds. */
  get size(): number {
    return this.#size;
  }

  /**
   * A process calls, at `time` in simulated milliseconds. Throws where it still waits for an answer (`history_process_busy`) or
   * never got one (`history_process_reused`), where time goes back (`history_time_backwards`), or beyond the bound (`history_full`).
   */
  invoke({ process, f, key, value, node, serial }: Invocation, time: number, index = this.#index + 1): Operation {
    const last = this.#last.get(process);
    if (last?.outcome === 'open') throw busy(last);
    if (last?.outcome === 'info') throw reused(last);
    if (this.#size >= this.#operationsMax) throw full(this.#operationsMax);
    this.#advance(time, index);
    const never = Number.POSITIVE_INFINITY;
    const operation: Recorded = {
      process,
      f,
      key,
      input: value,
      node,
      serial,
      invokedAt: time,
      invokeIndex: index,
      outcome: 'open',
      output: undefined,
      completedAt: never,
      completeIndex: never,
    };
    this.#last.set(process, operation);
    const same = this.#byKey.get(key);
    if (same === undefined) this.#byKey.set(key, [operation]);
    else same.push(operation);
    this.#size++;
    return operation;
  }

  /** The call of a process ends. Throws `history_without_invoke`, `history_completed_twice`, `history_time_backwards`. */
  complete(process: number, type: Exclude<EventType, 'invoke'>, value: unknown, time: number, index = this.#index + 1): Operation {
    const operation = this.#last.get(process);
    if (operation === undefined) throw withoutInvoke(process, type);
    if (operation.outcome !== 'open') throw completedTwice(operation, type);
    this.#advance(time, index);
    operation.outcome = type;
    operation.output = value;
    operation.completedAt = time;
    operation.completeIndex = index;
    return operation;
  }

  /** The call that a process waits for; null where there is none. */
  openOf(process: number): Operation | null {
    const last = this.#last.get(process);
    return last?.outcome === 'open' ? last : null;
  }

  /** All calls, by key, and of one key in the order of their invocation. */
  operations(): Operation[] {
    return [...this.#byKey.values()].flat();
  }

  /**
   * Takes the calls of a key out, to be checked by themselves. What was open stays open in the eyes of whoever checks now, though
   * its process may complete it; a key that is used again begins anew, so take it when nobody is going to.
   */
  take(key: string | null): readonly Operation[] {
    const taken = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    this.#size -= taken.length;
    return taken;
  }

  #advance(time: number, index: number): void {
    if (!(time >= this.#time)) {
      throw new HistoryError('history_time_backwards', `time goes back from ${this.#time} to ${time} ms`, 'Order events by their time.');
    }
    if (!(index > this.#index)) {
      throw new HistoryError('history_order', `index ${index} comes after ${this.#index}`, 'Order events by their index.');
    }
    this.#time = time;
    this.#index = index;
  }
}

function busy({ process, f, invokeIndex }: Operation): HistoryError {
  return new HistoryError(
    'history_process_busy',
    `process ${process} calls while its ${f} (#${invokeIndex}) has not ended`,
    'A process makes one call at a time: give each concurrent call a process of its own.',
  );
}

function reused({ process, f, invokeIndex }: Operation): HistoryError {
  return new HistoryError(
    'history_process_reused',
    `process ${process} calls again, though nobody knows what became of its ${f} (#${invokeIndex})`,
    'That call may still be under way: let its client go on under a new process number.',
  );
}

function full(operationsMax: number): HistoryError {
  return new HistoryError(
    'history_full',
    `the history holds ${operationsMax} calls and takes no more`,
    'Take out the keys that nobody calls any more, and check them, or raise operationsMax.',
  );
}

function withoutInvoke(process: number, type: EventType): HistoryError {
  return new HistoryError('history_without_invoke', `process ${process} ends (${type}) what it never began`, 'An invoke comes first.');
}

function completedTwice({ process, f, invokeIndex, outcome }: Operation, type: EventType): HistoryError {
  return new HistoryError(
    'history_completed_twice',
    `the ${f} (#${invokeIndex}) of process ${process} ends (${type}), but it had ended (${outcome}) before`,
    'A call ends once; the first end counts.',
  );
}
