import type { Mutant } from '../mutant.ts';

/** Logs that differ, and entries that are committed too early (paper 5.3 and 5.4.2). */
export const replication: readonly Mutant[] = [
  {
    name: 'earlier-term-committed-by-counting',
    why: 'A leader commits entries of earlier terms by counting their copies (paper, figure 8).',
    edits: [
      {
        file: 'core/src/decide/commit.ts',
        find: 'if (commitIndex <= state.commitIndex || termAt(state.log, commitIndex) !== state.term) return;',
        replace: 'if (commitIndex <= state.commitIndex) return;',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      storm: { kinds: ['isolate', 'crash', 'transfer'], everyMs: 150, forMs: 250 },
    },
    seed: 1,
    caughtBy: ['commit-own-term-only'],
  },
  {
    name: 'append-cuts-off-what-matches',
    why: 'An append replaces what follows it, also where that is the same.',
    edits: [
      {
        file: 'core/src/decide/append.ts',
        find: 'const firstNew = append.entries.findIndex((entry) => termAt(log, entry.index) !== entry.term);',
        replace:
          'const firstNew = append.entries.length - 1 > Math.max(-1, commitIndex - prevIndex - 1) ? Math.max(0, commitIndex - prevIndex) : -1;',
      },
    ],
    scene: { members: 3, durationMs: 2000, ratePerSecond: 600, faults: 'none', network: { datagrams: true, reorder: 0.1, duplicate: 0.1 } },
    seed: 1,
    caughtBy: ['commit-on-durable-quorum', 'promises-are-durable', 'nothing-goes-back'],
  },
  {
    name: 'late-append-shortens-the-log',
    why: 'The log ends where an append ends, though a later one came before.',
    edits: [
      {
        file: 'core/src/decide/append.ts',
        find: '  // Only what this append verified may count as committed',
        replace:
          "  const end = Math.max(prevIndex + entries.length, commitIndex);\n  if (end < step.state.log.lastIndex) step.record({ kind: 'log-truncated', after: end });\n  // Only what this append verified may count as committed",
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['lossy'], network: { datagrams: true, reorder: 0.2 } },
    seed: 1,
    caughtBy: ['liveness', 'commit-on-durable-quorum', 'promises-are-durable', 'nothing-goes-back'],
  },
  {
    name: 'follower-commits-what-it-did-not-verify',
    why: 'A follower commits up to the end of its log instead of the end of the append (copycat#266); shows where an append without entries asks whether the logs meet.',
    edits: [
      {
        file: 'core/src/decide/replication.ts',
        find: 'Math.max(nextIndex - 1, Math.min(sendableIndex(step, peer), nextIndex))',
        replace: 'nextIndex - 1',
      },
      {
        file: 'core/src/decide/append.ts',
        find: 'learnCommit(step, Math.min(append.commit, verified));',
        replace: 'learnCommit(step, Math.min(append.commit, step.state.log.lastIndex));',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      storm: { kinds: ['isolate', 'crash', 'transfer'], everyMs: 150, forMs: 250 },
    },
    seed: 6,
    caughtBy: ['commits-agree'],
  },
  {
    name: 'heartbeat-tells-more-than-was-acknowledged',
    why: 'A heartbeat tells a commit index beyond what the follower has acknowledged.',
    edits: [
      {
        file: 'core/src/decide/heartbeat.ts',
        find: 'return Math.min(step.state.commitIndex, progressOf(step.state, peer).matchIndex);',
        replace: 'return step.state.commitIndex;',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      storm: { kinds: ['isolate', 'crash', 'transfer'], everyMs: 150, forMs: 250 },
    },
    seed: 6,
    caughtBy: ['commits-agree'],
  },
  {
    name: 'follower-does-not-look-at-the-term-before',
    why: 'An append is taken wherever the log reaches its beginning, whatever the term there.',
    edits: [
      {
        file: 'core/src/decide/append.ts',
        find: 'if (termAt(log, prevIndex) !== prevTerm) {',
        replace: 'if (termAt(log, prevIndex) === undefined) {',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      storm: { kinds: ['isolate', 'crash', 'transfer'], everyMs: 150, forMs: 250 },
    },
    seed: 2,
    caughtBy: ['log-matching', 'commits-agree', 'promises-are-durable'],
  },
];
