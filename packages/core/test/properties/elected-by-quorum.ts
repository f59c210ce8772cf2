import type { MemberId } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';
import { isDecidedBy } from './quorum.ts';

/**
 * Who leads was elected by a quorum of the newest membership in its own log (paper 5.2; thesis 4.1): it got their votes, and
 * its own is on its disk. Learners and witnesses do not lead.
 */
export const electedByQuorum: Property = () => {
  const votes = new Map<string, Set<MemberId>>();
  return (occurrence) => {
    if (occurrence.kind === 'delivering') {
      const { from, to, message } = occurrence.envelope;
      if (message.kind !== 'vote-reply' || !message.granted) return;
      const ballot = `${to} in ${message.term}`;
      votes.set(ballot, (votes.get(ballot) ?? new Set()).add(from));
    }
    if (occurrence.kind !== 'decided' || !occurrence.decision.events.some(({ kind }) => kind === 'became-leader')) return;
    const { member, before, decision } = occurrence;
    const { term } = decision.state;
    const { hardState } = member.disk;
    const granted = votes.get(`${member.id} in ${term}`) ?? new Set();
    const has = (voter: MemberId) => (voter === member.id ? hardState.term === term && hardState.vote === voter : granted.has(voter));
    ensure(isDecidedBy(before.membership, has), `member ${member.id} leads term ${term} with the votes of ${[...granted].join(', ')}`);
    const info = [...before.membership.members, ...(before.membership.outgoing ?? [])].find(({ id }) => id === member.id);
    ensure(info?.voter === true && !info.witness, `member ${member.id} leads term ${term} and is no voter that may`);
  };
};
