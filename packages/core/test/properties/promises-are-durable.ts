import { ensure, type Property, sameEntry } from './property.ts';

/** What a message promises about its sender's disk is there when it leaves (paper, figure 2: "persistent state"). */
export const promisesAreDurable: Property = (_cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'sent') return;
  const { disk } = occurrence.member;
  const { from, to, message } = occurrence.envelope;
  // Several writes that a disk completes as one may carry the member into a later term. What it promised in an earlier one was
  // true when it was decided, and binds nobody who counts in the later one.
  if ('term' in message && disk.hardState.term > message.term) return;
  const who = `member ${from} sends a ${message.kind}`;
  switch (message.kind) {
    case 'request-vote':
      ensure(disk.hardState.term === message.term && disk.hardState.vote === from, `${who} and its vote for itself is not on its disk`);
      break;
    case 'vote-reply':
      if (message.granted)
        ensure(disk.hardState.term === message.term && disk.hardState.vote === to, `${who} and the vote is not on its disk`);
      break;
    case 'append':
    case 'heartbeat':
      ensure(disk.hardState.term === message.term, `${who} of term ${message.term}, which is not on its disk`);
      break;
    case 'append-accepted': {
      ensure(disk.hardState.term === message.term, `${who} of term ${message.term}, which is not on its disk`);
      for (let index = disk.log.base.index + 1; index <= message.matchIndex; index++) {
        ensure(
          sameEntry(disk.log.at(index), history.leaderEntry(message.term, index)),
          `${who} for entry ${index}, which its disk does not have as the leader does`,
        );
      }
      break;
    }
    case 'timeout-now':
    case 'snapshot-chunk':
      ensure(disk.hardState.term === message.term, `${who} of term ${message.term}, which is not on its disk`);
      break;
    case 'pre-vote':
    case 'pre-vote-reply':
    case 'snapshot-reply':
    case 'append-rejected':
    case 'heartbeat-reply':
    case 'read-index':
    case 'read-index-reply':
    case 'propose':
    case 'propose-reply':
      break;
  }
};
