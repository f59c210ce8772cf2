import type { MemberId } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';
import { isDecidedBy } from './quorum.ts';

/**
 * Whoever looks at its clock and goes on leading has heard from a quorum within the last two election timeouts (thesis 6.2).
 * Of those that joined, or who were asleep with it, it could not have heard before.
 */
export const leadersHearAMajority: Property = (cluster) => {
  const heard = new Map<MemberId, Map<MemberId, number>>();
  const of = (id: MemberId) => heard.get(id) ?? heard.set(id, new Map()).get(id) ?? new Map<MemberId, number>();
  return (occurrence) => {
    if (occurrence.kind !== 'decided') return;
    const { member, before, input, decision } = occurrence;
    const { state, events } = decision;
    const lastHeard = of(member.id);
    if (input.kind === 'received') lastHeard.set(input.from, input.now);
    const everybody = events.some(({ kind }) => kind === 'became-leader' || kind === 'unquiesced') ? cluster.members.keys() : [];
    for (const peer of everybody) lastHeard.set(peer, input.now);
    for (const event of events) if (event.kind === 'peer-joined') lastHeard.set(event.peer, event.at);
    if (input.kind !== 'deadline-reached' || before.role.kind !== 'leader' || state.role.kind !== 'leader' || before.quiesced) return;
    const since = input.now - 2 * cluster.config.electionTimeoutMs;
    const hears = (peer: MemberId) => peer === member.id || (lastHeard.get(peer) ?? Number.NEGATIVE_INFINITY) > since;
    ensure(isDecidedBy(before.membership, hears), `member ${member.id} leads term ${state.term} and hears no quorum`);
  };
};
