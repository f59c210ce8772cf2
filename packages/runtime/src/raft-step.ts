import type { Input, RaftEvent, RaftState } from '@flotilla/core';

/** An input that lacks nothing but the time, which the member tells when it decides it: monotonic ms, and ms since 1970. */
export type InputAt = (now: number, wallTime: number) => Input;

/** An input and what the member made of it. */
export interface RaftStep {
  readonly input: Input;
  readonly events: readonly RaftEvent[];
}

/** A step and the states around it, which are immutable: whoever keeps them keeps them as they were. */
export interface RaftTransition extends RaftStep {
  readonly before: RaftState;
  readonly after: RaftState;
}
