import type { Invariant } from '../watch/invariant.ts';
import { commitOnDurableQuorum } from './commit-on-durable-quorum.ts';
import { commitOwnTermOnly } from './commit-own-term-only.ts';
import { commitsAgree } from './commits-agree.ts';
import { diskHoldsTheLog } from './disk-holds-the-log.ts';
import { electedByQuorum } from './elected-by-quorum.ts';
import { electionSafety } from './election-safety.ts';
import { exactlyOnce } from './exactly-once.ts';
import { type Knowledge, newKnowledge } from './knowledge.ts';
import { leaderAppendOnly } from './leader-append-only.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { leadersActAlone } from './leaders-act-alone.ts';
import { leasesHold } from './leases-hold.ts';
import { logMatching } from './log-matching.ts';
import { memoryIsBounded } from './memory-is-bounded.ts';
import { newestMembershipCounts } from './newest-membership-counts.ts';
import { nobodyTalksToItself } from './nobody-talks-to-itself.ts';
import { nothingGoesBack } from './nothing-goes-back.ts';
import { oneChangeAtATime } from './one-change-at-a-time.ts';
import { oneVotePerTerm } from './one-vote-per-term.ts';
import { promisesAreDurable } from './promises-are-durable.ts';
import { quorumsOverlap } from './quorums-overlap.ts';
import { readsAreCovered } from './reads-are-covered.ts';
import { snapshotEqualsReplay } from './snapshot-equals-replay.ts';
import { snapshotsStandForTheLog } from './snapshots-stand-for-the-log.ts';
import { stateIsTheFoldOfEvents } from './state-is-the-fold-of-events.ts';
import { stateMachineSafety } from './state-machine-safety.ts';
import { theRecoveringHelpNobody } from './the-recovering-help-nobody.ts';
import { votersChangeJointly } from './voters-change-jointly.ts';

/** Those that keep what the others read, in the order in which they rely on each other. */
function keepers(known: Knowledge): readonly Invariant[] {
  return [
    logMatching(known),
    diskHoldsTheLog(known),
    electionSafety(known),
    oneVotePerTerm(known),
    commitsAgree(known),
    stateMachineSafety(known),
  ];
}

/**
 * Every invariant, for one run: tell each of everything, in this order. `leases-hold` is to be left out of runs in which clocks
 * go wrong by more than leases allow for.
 */
export function allInvariants(known: Knowledge = newKnowledge()): readonly Invariant[] {
  return [
    ...keepers(known),
    leadersActAlone(known),
    electedByQuorum(known),
    leaderAppendOnly(),
    leaderCompleteness(known),
    commitOwnTermOnly(),
    commitOnDurableQuorum(known),
    nothingGoesBack(known),
    promisesAreDurable(known),
    theRecoveringHelpNobody(known),
    oneChangeAtATime(),
    votersChangeJointly(),
    quorumsOverlap(),
    newestMembershipCounts(known),
    snapshotsStandForTheLog(known),
    snapshotEqualsReplay(known),
    stateIsTheFoldOfEvents(),
    readsAreCovered(known),
    leasesHold(known),
    memoryIsBounded(),
    nobodyTalksToItself(),
    exactlyOnce(),
  ];
}
