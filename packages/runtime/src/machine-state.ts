import type { Index } from '@flotilla/core';

/** A machine's state as of an entry, which stays as it is while the machine goes on. */
export interface CapturedState {
  readonly index: Index;
  /** The version of the machine that applied as of that entry; `noVersion` where none did. */
  readonly version: number;
  /** Its bytes, in parts of moderate size. To be iterated over once. */
  readonly parts: AsyncIterable<Uint8Array>;
  /** Lets go of it; harmless when called again. */
  close(): void;
}

/** Where a machine's state is: in its objects, or in the state store. */
export interface MachineState {
  /** The machine has the effects of every entry up to here when it starts: 0 where its state is rebuilt from a snapshot and the log. */
  readonly recoveredIndex: Index;
  capture(): Promise<CapturedState>;
  /** The machine takes the state as of `index`: all of it, or, where `parts` fails, nothing. */
  install(index: Index, parts: AsyncIterable<Uint8Array>): Promise<void>;
}
