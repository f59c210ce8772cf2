import { encodeSpaceSnapshot, type ReplicatedMachine } from '@flotilla/state-machine';

/** The whole state of a machine, wherever it keeps it, as its snapshots have it. */
export function stateOf(machine: ReplicatedMachine): Uint8Array {
  if (machine.space === undefined) return machine.snapshot();
  return new Uint8Array(Buffer.concat([...encodeSpaceSnapshot(machine, machine.space.range())]));
}
