import type { Mutant } from '../mutant.ts';

/** Snapshots that do not stand for the entries in whose place they come (paper 7). */
export const snapshots: readonly Mutant[] = [
  {
    name: 'apply-from-the-old-index',
    why: 'A machine that was given a snapshot goes on to apply from where it was before.',
    edits: [
      {
        file: 'runtime/src/apply-loop.ts',
        find: '    this.#appliedIndex = index;\n    this.#journal.skipTo(index);',
        replace: '    this.#journal.skipTo(index);',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['snapshot', 'crash', 'isolate'], raft: { trailingEntries: 512 } },
    seed: 1,
    caughtBy: ['state-machine-safety'],
  },
  {
    name: 'apply-twice-after-a-restart',
    why: 'The last entry that a snapshot covers is applied again after a restart.',
    edits: [
      {
        file: 'runtime/src/apply-loop.ts',
        find: '    this.#appliedIndex = index;\n    this.#journal.skipTo(index);',
        replace: '    this.#appliedIndex = index - 1;\n    this.#journal.skipTo(index);',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['snapshot', 'crash'], raft: { trailingEntries: 8 } },
    seed: 1,
    caughtBy: ['state-machine-safety'],
  },
  {
    name: 'older-snapshot-installed',
    why: 'A snapshot is installed without a look whether the log has more already (camunda#6092).',
    edits: [
      {
        file: 'core/src/decide/snapshot-receive.ts',
        find: 'if (snapshot.index <= commitIndex) return',
        replace: 'if (false) return',
      },
      {
        file: 'core/src/decide/commit.ts',
        find: ' || incoming.snapshot.index > commitIndex) return;',
        replace: ' || true) return;',
      },
    ],
    scene: {
      members: 3,
      durationMs: 3000,
      ratePerSecond: 400,
      faults: 'none',
      raft: { trailingEntries: 0, snapshotChunkBytesMax: 65_536, electionTimeoutMs: 150, heartbeatIntervalMs: 30 },
      network: { datagrams: true, duplicate: 0.3 },
      storm: { kinds: ['snapshot', 'snapshot', 'isolate'], everyMs: 100, forMs: 150 },
    },
    seed: 7,
    caughtBy: ['snapshots-stand-for-the-log'],
  },
  {
    name: 'compaction-beyond-the-snapshot',
    why: 'The log is compacted up to what was applied, though the snapshot does not reach so far.',
    edits: [
      {
        file: 'core/src/decide/compaction.ts',
        find: 'Math.min(snapshot.index - state.config.trailingEntries, transfersHold(step))',
        replace: 'Math.min(state.applyIndex, transfersHold(step))',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['snapshot', 'crash'] },
    seed: 3,
    caughtBy: ['snapshots-stand-for-the-log'],
  },
  {
    name: 'snapshot-loses-a-part',
    why: 'The first entry of a Map does not get into a snapshot.',
    edits: [{ file: 'state-machine/src/codec/write-value.ts', find: '[...map].flat(1)', replace: '[...map].slice(1).flat(1)' }],
    scene: { members: 3, durationMs: 4000, faults: ['snapshot', 'crash', 'isolate'] },
    seed: 1,
    caughtBy: ['state-machine-safety', 'snapshot-equals-replay', 'replay'],
  },
  {
    name: 'snapshot-of-a-later-state',
    why: 'A snapshot claims an index before the last one that its state comes from.',
    edits: [
      {
        file: 'runtime/src/snapshot-taker.ts',
        find: 'return { index, term, time, membership,',
        replace: 'return { index: index - 1, term, time, membership,',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['snapshot', 'crash', 'isolate'] },
    seed: 6,
    caughtBy: ['snapshot-equals-replay', 'state-machine-safety', 'snapshots-stand-for-the-log'],
  },
];
