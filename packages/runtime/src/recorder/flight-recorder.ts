import { type Input, invariant, type RaftState } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import type { GroupConfig, HostConfig } from '../host-config.ts';
import type { RaftStep } from '../raft-step.ts';
import { tokens } from '../tokens.ts';
import { recorderTokens } from './recorder-tokens.ts';
import type { RecordedFailure, RecorderConfig, Recording } from './recording.ts';
import { stepBytes } from './step-size.ts';

/** Steps that come and go together. */
interface Chunk {
  /** Number of the first step. */
  readonly first: number;
  /** The state before it. */
  readonly state: RaftState;
  readonly steps: RaftStep[];
  bytes: number;
}

/** Steps that follow each other. */
export interface RecordedPortion {
  readonly first: number;
  /** The state before the first step; null where it is not known, because the portion begins inside of a chunk. */
  readonly state: RaftState | null;
  readonly steps: readonly RaftStep[];
}

/** The record is dropped and begun in so many parts. */
const chunksMax = 16;

/**
 * Remembers the last steps of a member, within bounds, so that what led to a failure can be looked at and played again.
 *
 * It is told of every decision, so it only keeps references: states are immutable, and one at the beginning of each chunk
 * costs next to nothing. What is too old goes by whole chunks, so the record always begins with a known state.
 */
@injectable()
export class FlightRecorder {
  readonly #config: RecorderConfig;
  readonly #member: number;
  readonly #group: number;
  #chunks: Chunk[] = [];
  #steps = 0;
  #bytes = 0;
  #next = 0;
  #state: RaftState | null = null;
  #failure: RecordedFailure | null = null;
  #listener: (() => void) | null = null;

  constructor(
    @inject(tokens.hostConfig) host: Pick<HostConfig, 'member'>,
    @inject(tokens.groupConfig) group: Pick<GroupConfig, 'id'>,
    @inject(recorderTokens.recorderConfig) config: RecorderConfig,
  ) {
    this.#member = host.member;
    this.#group = group.id;
    this.#config = config;
  }

  /** The number that the next step gets. */
  get next(): number {
    return this.#next;
  }

  /** Begins with the state in which the member starts. */
  start(state: RaftState): void {
    this.#chunks = [];
    this.#steps = 0;
    this.#bytes = 0;
    this.#begin(state);
  }

  /** Adds a step; `state` is the one after it. */
  record(step: RaftStep, state: RaftState): void {
    const chunk = this.#chunks.at(-1);
    invariant(chunk !== undefined, 'a step was recorded before the state in which the member started');
    const bytes = stepBytes(step);
    chunk.steps.push(step);
    chunk.bytes += bytes;
    this.#state = state;
    this.#next++;
    this.#steps++;
    this.#bytes += bytes;
    const { stepsMax, bytesMax } = this.#config;
    if (chunk.steps.length * chunksMax >= stepsMax || chunk.bytes * chunksMax >= bytesMax) this.#begin(state);
    while (this.#steps > stepsMax || this.#bytes > bytesMax) this.#dropOldest();
    this.#listener?.();
  }

  /** Notes an input that `decide` threw on. Nothing can come after it. */
  recordFailure(input: Input, error: unknown): void {
    this.#failure = { input, error: error instanceof Error ? error.message : String(error) };
  }

  /** Everything that is remembered. */
  snapshot(): Recording {
    const [oldest] = this.#chunks;
    invariant(oldest !== undefined && this.#state !== null, 'the member has not started');
    return {
      member: this.#member,
      group: this.#group,
      first: oldest.first,
      state: oldest.state,
      steps: this.#chunks.flatMap(({ steps }) => steps),
      end: this.#state,
      failure: this.#failure,
    };
  }

  /**
   * At most `stepsMax` steps from number `from` on, or the oldest where that one is forgotten; null where there is none
   * yet. A portion ends where its chunk ends, so a reader meets a known state from time to time.
   */
  portion(from: number, stepsMax: number): RecordedPortion | null {
    const chunk = this.#chunks.findLast(({ first }) => first <= from) ?? this.#chunks[0];
    if (chunk === undefined) return null;
    const skipped = Math.max(0, from - chunk.first);
    const steps = chunk.steps.slice(skipped, skipped + stepsMax);
    return steps.length === 0 ? null : { first: chunk.first + skipped, state: skipped === 0 ? chunk.state : null, steps };
  }

  /** Calls `listener` after every step, in the middle of the turn: it must only make a note of that. */
  onRecorded(listener: (() => void) | null): void {
    this.#listener = listener;
  }

  #begin(state: RaftState): void {
    this.#state = state;
    this.#chunks.push({ first: this.#next, state, steps: [], bytes: 0 });
  }

  #dropOldest(): void {
    const dropped = this.#chunks.shift();
    invariant(dropped !== undefined, 'the record counts more than it holds');
    this.#steps -= dropped.steps.length;
    this.#bytes -= dropped.bytes;
  }
}
