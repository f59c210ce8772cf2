import type { Mutant } from '../mutant.ts';

/** Machines that differ from replica to replica, or are given other commands. */
export const machines: readonly Mutant[] = [
  {
    name: 'entries-left-out',
    why: 'Where a slice ends early, for it is bounded in bytes, the rest of it is taken for applied.',
    edits: [
      {
        file: 'runtime/src/apply-loop.ts',
        find: 'const last = entries.at(-1)?.index ?? this.#appliedIndex;',
        replace: 'const last = to;',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['crash', 'isolate'], limits: { tailEntriesMax: 64 } },
    seed: 2,
    caughtBy: ['state-machine-safety'],
  },
  {
    name: 'uncommitted-applied',
    why: 'A member applies what is on its disk, committed or not.',
    edits: [
      {
        file: 'core/src/decide/commit.ts',
        find: 'const through = Math.min(commitIndex, persistedIndex);',
        replace: 'const through = persistedIndex;',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['isolate'] },
    seed: 1,
    caughtBy: ['nothing-goes-back', 'state-machine-safety'],
  },
  {
    name: 'state-differs-by-member',
    why: 'The state of a machine holds what only its own process knows.',
    edits: [
      {
        file: 'simulator/src/workload/registers.ts',
        find: 'export const registers = defineMachine({',
        replace: 'let processes = 0;\nexport const registers = defineMachine({',
      },
      {
        file: 'simulator/src/workload/registers.ts',
        find: '({ entries: new Map() }),',
        replace: '({ entries: new Map(), process: ++processes }),',
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['snapshot'] },
    seed: 1,
    caughtBy: ['snapshot-equals-replay'],
  },
  {
    name: 'machine-draws-a-random-number',
    why: 'A machine asks for a random number that is not in the log.',
    edits: [
      {
        file: 'simulator/src/workload/registers.ts',
        find: '{ value, revision: index }',
        replace: '{ value, revision: Math.random() }',
      },
    ],
    scene: { members: 3, durationMs: 1000, faults: 'none' },
    seed: 1,
    caughtBy: ['determinism'],
  },
  {
    name: 'query-changes-the-order',
    why: 'A query moves what it reads to the end of a Map: snapshots differ by which member was asked what.',
    edits: [
      {
        file: 'simulator/src/workload/registers.ts',
        find: 'state.entries.get(key)?.value ?? null),\n  },',
        replace:
          '{ const found = state.entries.get(key); if (found) { state.entries.delete(key); state.entries.set(key, found); } return found?.value ?? null; }),\n  },',
      },
    ],
    scene: { members: 3, durationMs: 3000, ratePerSecond: 1000, faults: ['snapshot'] },
    seed: 1,
    caughtBy: ['determinism'],
  },
];
