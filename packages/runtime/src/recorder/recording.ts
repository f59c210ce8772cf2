import type { GroupId, Input, MemberId, RaftState } from '@flotilla/core';
import type { RaftStep } from '../raft-step.ts';

/** What happened to a member, from one of its states on. Replayable: `decide` makes the same of the same. */
export interface Recording {
  readonly member: MemberId;
  readonly group: GroupId;
  /** The number of the first step; they are counted from 0 since the member started. */
  readonly first: number;
  /** The state before the first step. */
  readonly state: RaftState;
  readonly steps: readonly RaftStep[];
  /** The state after the last step. */
  readonly end: RaftState;
  /** An input that the core did not get through, after the last step; null where there was none. */
  readonly failure: RecordedFailure | null;
}

/** An input on which `decide` threw, and what it said. */
export interface RecordedFailure {
  readonly input: Input;
  readonly error: string;
}

/** How much a member remembers of itself, for each group. */
export interface RecorderConfig {
  /** Steps in memory. */
  readonly stepsMax: number;
  /** Bytes in memory: payloads, and a flat sum for what carries them. */
  readonly bytesMax: number;
  /** Steps go to disk as they happen. Otherwise only dumps do. */
  readonly continuous: boolean;
  /** Size in bytes at which a segment on disk is full. Two are kept; one can grow by a chunk of steps beyond it. */
  readonly segmentBytesMax: number;
  /** How long a step waits at most until it is on its way to disk, in milliseconds. */
  readonly flushIntervalMs: number;
}

const mebibyte = 1024 * 1024;

/** How much is remembered by default: that much for one group, and less for each where a host has many. */
export function recorderConfig(parts: Partial<RecorderConfig> = {}, groups = 1): RecorderConfig {
  const { stepsMax, bytesMax } = defaultRecorderConfig;
  const share = (whole: number, least: number) => Math.max(least, Math.floor(whole / groups));
  return { ...defaultRecorderConfig, stepsMax: share(stepsMax, 64), bytesMax: share(bytesMax, 64 * 1024), ...parts };
}

export const defaultRecorderConfig: RecorderConfig = {
  stepsMax: 4096,
  bytesMax: 16 * mebibyte,
  continuous: false,
  segmentBytesMax: 32 * mebibyte,
  flushIntervalMs: 1000,
};
