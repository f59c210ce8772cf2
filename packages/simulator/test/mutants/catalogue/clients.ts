import type { Mutant } from '../mutant.ts';

/** Clients that are told what is not so, or do what they must not. */
export const clients: readonly Mutant[] = [
  {
    name: 'command-of-unknown-outcome-repeated',
    why: 'A client sends a command again of which it does not know whether it was applied.',
    edits: [
      {
        file: 'client/src/caller.ts',
        find: "full < this.#endpoints.count && (safe || error.outcome === 'not-applied');",
        replace: 'full < this.#endpoints.count;',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['crash', 'client-cut'] },
    seed: 5,
    caughtBy: ['no-duplicates', 'oracle'],
  },
  {
    name: 'repetition-applied-again',
    why: 'A command of a session that was applied is applied again when it comes again.',
    edits: [
      {
        file: 'state-machine/src/replica/request-applier.ts',
        find: "if (repetition?.kind === 'answered') return { index: repetition.index, term: repetition.term, outcome: repetition.outcome };\n    if (repetition) return",
        replace: "if (repetition && repetition.kind !== 'answered') return",
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: ['crash', 'client-cut'], sessionTtlMs: 10_000 },
    seed: 5,
    caughtBy: ['no-duplicates', 'exactly-once'],
  },
  {
    name: 'one-slot-for-two-commands',
    why: 'The commands of a proposal are all told the slot of the first one.',
    edits: [{ file: 'runtime/src/pending-commands.ts', find: 'const index = firstIndex + i;', replace: 'const index = firstIndex;' }],
    scene: { members: 3, durationMs: 2000, faults: 'none' },
    seed: 1,
    caughtBy: ['no-lost-writes', 'replay', 'real-time-order', 'refused-is-not-applied'],
  },
  {
    name: 'slot-of-another-leader',
    why: 'Whoever holds a slot is told that its command was applied there, though another leader gave the slot to another one.',
    edits: [
      {
        file: 'runtime/src/pending-commands.ts',
        find: 'if (call.stage.term !== term || !result)',
        replace: 'if (!result)',
      },
    ],
    scene: { members: 3, durationMs: 5000, faults: ['isolate', 'partition', 'crash'] },
    seed: 3,
    caughtBy: ['no-lost-writes', 'replay', 'no-phantoms'],
  },
  {
    name: 'unknown-outcome-called-not-applied',
    why: 'A command whose leader was lost is reported as not applied, and so it is sent again.',
    edits: [
      {
        file: 'runtime/src/pending-commands.ts',
        find: "for (const id of ids) for (const call of this.#takeOffered(id)) call.reject(rejection('leadership_lost', 'unknown'));",
        replace: "for (const id of ids) for (const call of this.#takeOffered(id)) call.reject(rejection('leadership_lost'));",
      },
    ],
    scene: { members: 3, durationMs: 5000, faults: ['isolate', 'lossy', 'crash', 'cut'] },
    seed: 9,
    caughtBy: ['no-duplicates', 'refused-is-not-applied'],
  },
  {
    name: 'forwarded-command-taken-twice',
    why: 'A leader takes a command that a follower has forwarded twice.',
    edits: [
      {
        file: 'core/src/decide/proposal.ts',
        find: "if (step.state.role.kind === 'leader' && stays) takeOrPause(step, { id, from, payloads });",
        replace: "if (step.state.role.kind === 'leader' && stays) for (let i = 0; i < 2; i++) takeOrPause(step, { id, from, payloads });",
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: 'none' },
    seed: 1,
    caughtBy: ['no-duplicates'],
  },
];
