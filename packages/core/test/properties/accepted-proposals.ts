import { isDeepStrictEqual } from 'node:util';
import { ensure, type Property } from './property.ts';

/** An accepted proposal is where the leader of that term said: its commands, in their order. */
export const acceptedProposals: Property = (_cluster, history) => {
  const proposed = new Map<number, readonly Uint8Array[]>();
  return (occurrence) => {
    if (occurrence.kind === 'decided' && occurrence.input.kind === 'proposed') proposed.set(occurrence.input.id, occurrence.input.payloads);
    if (occurrence.kind !== 'effect' || occurrence.effect.kind !== 'accept-proposal') return;
    const { id, position } = occurrence.effect;
    const payloads = proposed.get(id);
    ensure(payloads !== undefined, `proposal ${id} is accepted and was never made`);
    const there = payloads.every((payload, i) => {
      const entry = history.leaderEntry(position.term, position.firstIndex + i);
      return entry?.term === position.term && isDeepStrictEqual(entry.payload, payload);
    });
    ensure(there, `proposal ${id} is not at ${position.firstIndex} in the log of the leader of term ${position.term}`);
  };
};
