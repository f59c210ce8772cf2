import type { Index } from '@flotilla/core';
import { noVersion, type ReplicatedMachine } from '@flotilla/state-machine';
import type { CapturedState, MachineState } from './machine-state.ts';

const partBytes = 1024 * 1024;

/** The state of a machine that keeps it in its objects, and so is rebuilt when it starts. Its snapshots take their size in memory. */
export class MemoryMachineState implements MachineState {
  readonly recoveredIndex = 0;
  readonly #machine: ReplicatedMachine;
  readonly #appliedIndex: () => Index;

  constructor(machine: ReplicatedMachine, appliedIndex: () => Index) {
    this.#machine = machine;
    this.#appliedIndex = appliedIndex;
  }

  async capture(): Promise<CapturedState> {
    const version = this.#machine.service.activeVersion ?? noVersion;
    return { index: this.#appliedIndex(), version, parts: inParts(this.#machine.snapshot()), close() {} };
  }

  async install(_index: Index, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const all: Uint8Array[] = [];
    for await (const part of parts) all.push(part.slice());
    this.#machine.restore(all.length === 1 && all[0] ? all[0] : new Uint8Array(Buffer.concat(all)));
  }
}

async function* inParts(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = 0; offset < bytes.length; offset += partBytes) yield bytes.subarray(offset, offset + partBytes);
}
