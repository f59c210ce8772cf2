import { acceptedProposals } from './accepted-proposals.ts';
import { commitOnDurableQuorum } from './commit-on-durable-quorum.ts';
import { electedByQuorum } from './elected-by-quorum.ts';
import { electionSafety } from './election-safety.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { leadersHearAMajority } from './leaders-hear-a-majority.ts';
import { linearizableReads } from './linearizable-reads.ts';
import { logMatching } from './log-matching.ts';
import { machineIsTheCommittedLog } from './machine-is-the-committed-log.ts';
import { newestMembershipCounts } from './newest-membership-counts.ts';
import { nobodyTalksToItself } from './nobody-talks-to-itself.ts';
import { nothingGoesBack } from './nothing-goes-back.ts';
import { oneChangeAtATime } from './one-change-at-a-time.ts';
import { oneVotePerTerm } from './one-vote-per-term.ts';
import { payloadsWhereTheyBelong } from './payloads-where-they-belong.ts';
import { promisesAreDurable } from './promises-are-durable.ts';
import type { Property } from './property.ts';
import { quorumsOverlap } from './quorums-overlap.ts';
import { readsEnd } from './reads-end.ts';
import { requestsEndOnce } from './requests-end-once.ts';
import { snapshotsStandForTheLog } from './snapshots-stand-for-the-log.ts';
import { stateIsTheFoldOfEvents } from './state-is-the-fold-of-events.ts';
import { stateMachineSafety } from './state-machine-safety.ts';
import { windowsAreKept } from './windows-are-kept.ts';
import { writesComeFirst } from './writes-come-first.ts';

/** Everything that must hold after every step of every run, by name. */
export const properties: Readonly<Record<string, Property>> = {
  'state is the fold of events': stateIsTheFoldOfEvents,
  'election safety': electionSafety,
  'elected by a quorum': electedByQuorum,
  'one vote per term': oneVotePerTerm,
  'leaders hear a majority': leadersHearAMajority,
  'log matching': logMatching,
  'leader completeness': leaderCompleteness,
  'state machine safety': stateMachineSafety,
  'commit on a durable quorum': commitOnDurableQuorum,
  'one change at a time': oneChangeAtATime,
  'quorums overlap': quorumsOverlap,
  'the newest membership counts': newestMembershipCounts,
  'promises are durable': promisesAreDurable,
  'writes come first': writesComeFirst,
  'nobody talks to itself': nobodyTalksToItself,
  'nothing goes back': nothingGoesBack,
  'the machine is the committed log': machineIsTheCommittedLog,
  'snapshots stand for the log': snapshotsStandForTheLog,
  'payloads are where they belong': payloadsWhereTheyBelong,
  'linearizable reads': linearizableReads,
  'reads end': readsEnd,
  'requests end once': requestsEndOnce,
  'windows are kept': windowsAreKept,
  'accepted proposals are where it was said': acceptedProposals,
};
