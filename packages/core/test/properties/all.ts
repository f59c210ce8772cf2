import { acceptedProposals } from './accepted-proposals.ts';
import { commitOnDurableQuorum } from './commit-on-durable-quorum.ts';
import { electionSafety } from './election-safety.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { linearizableReads } from './linearizable-reads.ts';
import { logMatching } from './log-matching.ts';
import { nothingGoesBack } from './nothing-goes-back.ts';
import { oneVotePerTerm } from './one-vote-per-term.ts';
import { promisesAreDurable } from './promises-are-durable.ts';
import type { Property } from './property.ts';
import { readsEnd } from './reads-end.ts';
import { stateIsTheFoldOfEvents } from './state-is-the-fold-of-events.ts';
import { stateMachineSafety } from './state-machine-safety.ts';
import { windowsAreKept } from './windows-are-kept.ts';
import { writesComeFirst } from './writes-come-first.ts';

/** Everything that must hold after every step of every run, by name. */
export const properties: Readonly<Record<string, Property>> = {
  'state is the fold of events': stateIsTheFoldOfEvents,
  'election safety': electionSafety,
  'one vote per term': oneVotePerTerm,
  'log matching': logMatching,
  'leader completeness': leaderCompleteness,
  'state machine safety': stateMachineSafety,
  'commit on a durable quorum': commitOnDurableQuorum,
  'promises are durable': promisesAreDurable,
  'writes come first': writesComeFirst,
  'nothing goes back': nothingGoesBack,
  'linearizable reads': linearizableReads,
  'reads end': readsEnd,
  'windows are kept': windowsAreKept,
  'accepted proposals are where it was said': acceptedProposals,
};
