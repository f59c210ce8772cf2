import type { Mutant } from '../mutant.ts';
import { frozenOutWhileReplaced } from '../patterns.ts';

/** Changes of membership that leave two groups of members which can decide without each other (thesis 4). */
export const membership: readonly Mutant[] = [
  {
    name: 'no-joint-consensus',
    why: 'The voters change in one step.',
    edits: [
      {
        file: 'core/src/membership-change.ts',
        find: 'return { ...current, members, outgoing: changed ? before : null };',
        replace: 'return { ...current, members, outgoing: null };',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['replace'] },
    seed: 1,
    caughtBy: ['voters-change-jointly'],
  },
  {
    name: 'new-majority-alone',
    why: 'During joint consensus the majority of the new membership decides alone.',
    edits: [
      {
        file: 'core/src/membership.ts',
        find: 'return outgoing === null ? value : Math.min(value, majorityValue(outgoing, reached));',
        replace: 'return value;',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['replace', 'isolate', 'disk-slow'] },
    seed: 1,
    caughtBy: ['commit-on-durable-quorum', 'elected-by-quorum'],
  },
  {
    name: 'change-before-the-opening-entry',
    why: 'A new leader changes the membership before it has committed an entry of its term (raft-dev, 2015).',
    edits: [
      {
        file: 'core/src/decide/membership.ts',
        find: "  if (commitIndex < role.openingIndex) return 'leader_not_ready';\n",
        replace: '',
      },
    ],
    scene: { members: 3, durationMs: 6000, faults: ['replace', 'crash', 'transfer'], disk: { writeMs: 5, syncMs: 30 } },
    seed: 3,
    caughtBy: ['one-change-at-a-time'],
  },
  {
    name: 'removed-member-counts',
    why: 'A leader commits by the membership before the newest one: who was removed still counts, who was added does not yet.',
    edits: [
      {
        file: 'core/src/decide/commit.ts',
        find: 'quorumValue(state.membership, durable)',
        replace: 'quorumValue(state.memberships.at(-2)?.membership ?? state.membership, durable)',
      },
    ],
    scene: {
      members: 3,
      durationMs: 4000,
      faults: ['replace'],
      disk: { writeMs: 0.5, syncMs: 2 },
      storm: { kinds: ['disk-stall'], everyMs: 100, forMs: 100 },
    },
    seed: 4,
    caughtBy: ['liveness', 'commit-on-durable-quorum'],
  },
  {
    name: 'learner-counts-as-voter',
    why: 'What a learner has counts like what a voter has.',
    edits: [
      {
        file: 'core/src/membership.ts',
        find: '    if (!voter) continue;\n    const value',
        replace: '    const value',
      },
    ],
    scene: { members: 4, durationMs: 4000, faults: ['replace', 'isolate', 'disk-slow'] },
    seed: 3,
    caughtBy: ['commit-on-durable-quorum', 'elected-by-quorum'],
  },
  {
    name: 'truncated-membership-stays',
    why: 'A membership that is cut off with the end of a log goes on to count.',
    edits: [
      {
        file: 'core/src/evolve/log.ts',
        find: 'next.memberships.filter(({ index }) => index <= after),\n  );',
        replace: '[...next.memberships],\n  );',
      },
    ],
    scene: {
      members: 5,
      durationMs: 5000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      network: { delayMs: 8, jitterMs: 2 },
      disk: { writeMs: 1, syncMs: 5 },
      pattern: { of: frozenOutWhileReplaced, everyMs: 1200 },
    },
    seed: 6,
    caughtBy: ['newest-membership-counts'],
  },
  {
    name: 'witness-leads',
    why: 'A witness, which has no payloads, calls elections.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'return isVoter(membership, id) && !witness && !recovering;',
        replace: 'return isVoter(membership, id) && !recovering;',
      },
    ],
    scene: { members: 3, witnesses: 1, durationMs: 3000, faults: ['crash', 'isolate'] },
    seed: 1,
    caughtBy: ['elected-by-quorum'],
  },
];
