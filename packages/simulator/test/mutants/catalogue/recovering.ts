import type { Mutant, Scene } from '../mutant.ts';

/** Disks that lose entries or votes, members that come and go, and leaders that change. */
const losses: Scene = {
  members: 3,
  durationMs: 4000,
  faults: 'none',
  raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
  storm: { kinds: ['bit-rot', 'roll-back', 'torn-write', 'isolate', 'crash', 'transfer'], everyMs: 150, forMs: 200 },
};

/** Members that have lost what they promised, and help others to lead all the same (Viewstamped Replication Revisited, 4.3). */
export const recovering: readonly Mutant[] = [
  {
    name: 'recovers-too-early',
    why: 'A recovering member takes any commit index for one of a leader of its term.',
    edits: [
      {
        file: 'core/src/decide/recovering.ts',
        find: 'termAt(log, Math.min(commitIndex, persistedIndex)) === term',
        replace: 'commitIndex > 0',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['the-recovering-help-nobody', 'nothing-goes-back', 'leader-completeness'],
  },
  {
    name: 'votes-while-recovering',
    why: 'A member that may have lost its vote, or entries that it acknowledged, votes.',
    edits: [
      {
        file: 'core/src/decide/election.ts',
        find: 'if (recovering || !free ||',
        replace: 'if (!free ||',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['the-recovering-help-nobody', 'leader-completeness'],
  },
  {
    name: 'stands-while-recovering',
    why: 'A member that may have lost entries that are committed stands for election.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'return isVoter(membership, id) && !witness && !recovering;',
        replace: 'return isVoter(membership, id) && !witness;',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['the-recovering-help-nobody'],
  },
  {
    name: 'recovering-lost-at-restart',
    why: 'A member that starts again before it has recovered takes itself for one that lost nothing.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'recovering: start.recovered?.hardState.recovering ?? false,',
        replace: 'recovering: false,',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['nothing-goes-back', 'the-recovering-help-nobody'],
  },
  {
    name: 'recovering-not-written',
    why: 'The next term that a recovering member enters is written without its status.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'return recovering ? { term, vote, recovering } : { term, vote };',
        replace: 'return { term, vote };',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['nothing-goes-back', 'the-recovering-help-nobody'],
  },
  {
    name: 'recovers-in-its-old-term',
    why: 'A recovering member stays in the term in which others still count what it has forgotten.',
    edits: [
      {
        file: 'core/src/recovering.ts',
        find: 'return recovering ? { term: term + 1, vote: null, recovering } : null;',
        replace: 'return recovering && false ? { term: term + 1, vote: null, recovering } : null;',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['nothing-goes-back', 'the-recovering-help-nobody', 'liveness', 'leader-completeness', 'members-go-on'],
  },
  {
    name: 'damaged-suffix-cut-off',
    why: 'A disk that has lost the end of its log cuts it off, and its member goes on as if it had never had it.',
    edits: [
      {
        file: 'simulator/src/disk/log-image.ts',
        find: '{ ...hardState, recovering: true }',
        replace: 'hardState',
      },
    ],
    scene: losses,
    seed: 1,
    caughtBy: ['nothing-goes-back', 'leader-completeness', 'one-vote-per-term'],
  },
];
