import type { Mutant } from '../mutant.ts';
import { betrayed, handedOverToSome, handedOverUnheard, slowAndFrozenOut } from '../patterns.ts';

/** Reads that miss what was acknowledged before they began (thesis 6.4). */
export const reads: readonly Mutant[] = [
  {
    name: 'read-without-a-round',
    why: 'A leader answers a linearizable read without having its leadership confirmed.',
    edits: [
      {
        file: 'core/src/decide/read-index.ts',
        find: 'if (knowsCommit && isConfirmed(step, Number.POSITIVE_INFINITY))',
        replace: 'if (knowsCommit)',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      ratePerSecond: 600,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      storm: { kinds: ['pause', 'isolate', 'transfer'], everyMs: 200, forMs: 300 },
    },
    seed: 34,
    caughtBy: ['leases-hold', 'monotone-reads', 'real-time-order', 'linearizability'],
  },
  {
    name: 'round-of-before-the-read',
    why: 'A round that began before the read confirms it.',
    edits: [
      {
        file: 'core/src/decide/read-index.ts',
        find: 'ready: knowsCommit ? { index: commitIndex, round: round + 1 } : null',
        replace: 'ready: knowsCommit ? { index: commitIndex, round: Math.max(1, round - 3) } : null',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      ratePerSecond: 1000,
      clients: 100,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      pattern: { of: handedOverUnheard, everyMs: 300 },
    },
    seed: 29,
    caughtBy: ['reads-are-covered', 'monotone-reads', 'real-time-order', 'linearizability'],
  },
  {
    name: 'read-before-the-opening-entry',
    why: 'A new leader answers reads before it has committed an entry of its term (etcd#7331).',
    edits: [
      {
        file: 'core/src/decide/read-index.ts',
        find: 'const knowsCommit = commitIndex >= openingIndex;',
        replace: 'const knowsCommit = true;',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['crash', 'isolate', 'transfer'] },
    seed: 33,
    caughtBy: ['reads-are-covered', 'leases-hold', 'monotone-reads'],
  },
  {
    name: 'read-before-it-is-applied',
    why: 'A confirmed read is served before the machine has applied the index that it needs.',
    edits: [
      {
        file: 'runtime/src/pending-queries.ts',
        find: 'if (index <= appliedIndex) this.#serve(calls, appliedIndex);',
        replace: 'if (true) this.#serve(calls, appliedIndex);',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['pause'] },
    seed: 6,
    caughtBy: ['monotone-reads', 'real-time-order', 'linearizability'],
  },
  {
    name: 'stale-machine-answers-linearizable-reads',
    why: 'A member answers every read from its own machine at once.',
    edits: [
      {
        file: 'runtime/src/local-group.ts',
        find: "if (consistency !== 'stale') return false;",
        replace: "if (consistency === 'lease') return false;",
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['isolate', 'pause'] },
    seed: 3,
    caughtBy: ['monotone-reads', 'real-time-order', 'linearizability'],
  },
  {
    name: 'follower-confirms-reads',
    why: 'A member that does not lead confirms reads by its own commit index.',
    edits: [
      {
        file: 'core/src/decide/read-index.ts',
        find: "else answerRead(step, id, from, { reason: 'leadership_lost' });\n}\n\nexport function onReadIndexReply",
        replace: 'else answerRead(step, id, from, { index: step.state.commitIndex });\n}\n\nexport function onReadIndexReply',
      },
    ],
    scene: {
      members: 5,
      durationMs: 3000,
      ratePerSecond: 1000,
      clients: 100,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      pattern: { of: handedOverToSome, everyMs: 400 },
    },
    seed: 1,
    caughtBy: ['monotone-reads', 'real-time-order', 'linearizability'],
  },
  {
    name: 'lease-ignores-drift',
    why: 'A lease lasts as long by the clock of the leader as the promise does by that of the follower.',
    edits: [
      {
        file: 'core/src/decide/acknowledgement.ts',
        find: '(loyalMs * 100) / (100 + step.state.config.leaseDriftPercent)',
        replace: 'loyalMs',
      },
    ],
    scene: {
      members: 3,
      durationMs: 4000,
      ratePerSecond: 1000,
      clients: 100,
      faults: 'none',
      raft: { electionTimeoutMs: 300, heartbeatIntervalMs: 60, quiesceAfterMs: 0 },
      network: { delayMs: 0.05, jitterMs: 0.1 },
      disk: { writeMs: 0.02, syncMs: 0.05 },
      pattern: { of: slowAndFrozenOut, everyMs: 800 },
    },
    seed: 16,
    caughtBy: ['leases-hold', 'monotone-reads'],
  },
  {
    name: 'lease-kept-during-a-transfer',
    why: 'A leader that told another one to call an election goes on to answer reads by its lease.',
    edits: [
      {
        file: 'core/src/decide/read-index.ts',
        find: 'if (transfer !== null || leaseVoid) return null;',
        replace: '',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      ratePerSecond: 1000,
      clients: 100,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      pattern: { of: handedOverUnheard, everyMs: 300 },
    },
    seed: 4,
    caughtBy: ['leases-hold', 'monotone-reads'],
  },
  {
    name: 'no-stickiness',
    why: 'Whoever hears a leader helps another one to replace it all the same, and so breaks its lease (thesis 4.2.3).',
    edits: [
      {
        file: 'core/src/decide/hears-leader.ts',
        find: 'return leaderHeardAt !== null && time.now - leaderHeardAt < config.electionTimeoutMs;',
        replace: 'return false;',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      ratePerSecond: 1000,
      clients: 100,
      faults: 'none',
      raft: { electionTimeoutMs: 150, heartbeatIntervalMs: 30, quiesceAfterMs: 0 },
      pattern: { of: betrayed, everyMs: 600 },
    },
    seed: 6,
    caughtBy: ['leases-hold', 'monotone-reads'],
  },
];
