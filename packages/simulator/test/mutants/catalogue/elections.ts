import type { Mutant } from '../mutant.ts';
import { frozenOutInTurn } from '../patterns.ts';

/** Elections that more than one member can win, or the wrong one (paper 5.2 and 5.4.1). */
export const elections: readonly Mutant[] = [
  {
    name: 'two-votes-in-a-term',
    why: 'Whoever has voted grants its vote to others in the same term.',
    edits: [{ file: 'core/src/decide/election.ts', find: 'const free = vote === null || vote === from;', replace: 'const free = true;' }],
    scene: {
      members: 5,
      durationMs: 2000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      network: { delayMs: 5, jitterMs: 10 },
      storm: { kinds: ['isolate', 'crash'], everyMs: 200, forMs: 200 },
    },
    seed: 1,
    caughtBy: ['promises-are-durable', 'one-vote-per-term', 'election-safety'],
  },
  {
    name: 'vote-for-a-shorter-log',
    why: 'Of two logs that end in the same term, the shorter one counts as complete, too.',
    edits: [
      {
        file: 'core/src/log.ts',
        find: '(theirTerm === ours && theirIndex >= log.lastIndex)',
        replace: 'theirTerm === ours',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['isolate', 'crash', 'power-cut'] },
    seed: 3,
    caughtBy: ['leader-completeness'],
  },
  {
    name: 'longer-log-wins-over-later-term',
    why: 'Logs are compared by their length, whatever the terms of their last entries.',
    edits: [
      {
        file: 'core/src/log.ts',
        find: 'return theirTerm > ours || (theirTerm === ours && theirIndex >= log.lastIndex);',
        replace: 'return theirIndex >= log.lastIndex;',
      },
    ],
    scene: {
      members: 3,
      durationMs: 4000,
      ratePerSecond: 1000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      pattern: { of: frozenOutInTurn, everyMs: 900 },
    },
    seed: 13,
    caughtBy: ['leader-completeness'],
  },
  {
    name: 'minority-elects',
    why: 'Half of the voters are a majority.',
    edits: [
      {
        file: 'core/src/membership.ts',
        find: 'return Math.floor(voters.length / 2) + 1;',
        replace: 'return Math.ceil(voters.length / 2);',
      },
    ],
    scene: { members: 4, durationMs: 3000, faults: ['partition'] },
    seed: 1,
    caughtBy: ['elected-by-quorum', 'commit-on-durable-quorum', 'election-safety'],
  },
  {
    name: 'candidacy-before-sync',
    why: 'A candidate asks for votes before its term and its own vote are on disk.',
    edits: [
      {
        file: 'core/src/decide/election.ts',
        find: "step.promise(peer, { kind: 'request-vote'",
        replace: "step.send(peer, { kind: 'request-vote'",
      },
    ],
    scene: { members: 3, durationMs: 1000, faults: 'none' },
    seed: 1,
    caughtBy: ['promises-are-durable'],
  },
];
