import type { Input, RaftEvent } from '@flotilla/core';

/** An input and what the member made of it. */
export interface RaftStep {
  readonly input: Input;
  readonly events: readonly RaftEvent[];
}
