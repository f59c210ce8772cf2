import { ensure, type Property, sameEntry } from './property.ts';

/**
 * A machine's state is what was committed, up to its applied index, each entry once (paper 5.3 and 7), and the core knows how
 * far that is. It goes back in a restart only.
 */
export const machineIsTheCommittedLog: Property = (_cluster, history) => {
  const reached = new Map<number, { readonly incarnation: number; readonly index: number }>();
  return (occurrence) => {
    if (occurrence.kind !== 'decided' || occurrence.decision.state.witness) return;
    const { member, decision, before } = occurrence;
    const { appliedIndex, machine, incarnation, id } = member;
    const last = reached.get(id);
    const unchanged = last?.incarnation === incarnation && last.index === appliedIndex;
    if (unchanged && before.applyIndex === decision.state.applyIndex) return;
    ensure(last?.incarnation !== incarnation || last.index <= appliedIndex, `the machine of ${id} goes back to ${appliedIndex}`);
    reached.set(id, { incarnation, index: appliedIndex });
    ensure(machine.length === appliedIndex, `the machine of ${id} is said to have ${appliedIndex} entries and has ${machine.length}`);
    for (let i = last?.incarnation === incarnation ? last.index : 0; i < machine.length; i++) {
      const entry = history.committed[i]?.entry;
      ensure(sameEntry(machine[i], entry), `the machine of ${id} has applied another entry ${i + 1}`);
      ensure(
        machine[i]?.kind !== 'command' || machine[i]?.payload.length !== 0,
        `the machine of ${id} has applied an empty command ${i + 1}`,
      );
    }
  };
};
