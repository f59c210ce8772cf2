import type { Mutant } from '../mutant.ts';

/** Promises that the disk does not keep (paper, figure 2: "persistent state on all servers"). */
export const durability: readonly Mutant[] = [
  {
    name: 'vote-before-sync',
    why: 'A vote leaves before it is on disk.',
    edits: [
      {
        file: 'core/src/decide/election.ts',
        find: "step.promise(from, { kind: 'vote-reply', term, granted: true });",
        replace: "step.send(from, { kind: 'vote-reply', term, granted: true });",
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['crash'] },
    seed: 1,
    caughtBy: ['promises-are-durable'],
  },
  {
    name: 'acknowledgement-before-sync',
    why: 'An append is acknowledged before its entries are on disk.',
    edits: [
      {
        file: 'core/src/decide/append.ts',
        find: "step.promise(from, { kind: 'append-accepted', term, matchIndex: verified });",
        replace: "step.send(from, { kind: 'append-accepted', term, matchIndex: verified });",
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['power-cut'] },
    seed: 1,
    caughtBy: ['promises-are-durable'],
  },
  {
    name: 'promise-overtakes-writes',
    why: 'A promise of a step that writes nothing itself does not wait for the writes before it.',
    edits: [
      {
        file: 'core/src/step.ts',
        find: 'if (this.#durable.length > 0 || (this.#promises.length > 0 && this.state.pendingWrites.length > 0)) this.#persist();',
        replace: 'if (this.#durable.length > 0) this.#persist();',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['lossy', 'disk-slow'] },
    seed: 1,
    caughtBy: ['promises-are-durable'],
  },
  {
    name: 'promise-sent-with-the-write',
    why: 'The writer sends promises when it begins a write instead of when it is done.',
    edits: [
      {
        file: 'runtime/src/durable-writer.ts',
        find: 'await (writes.length > 0 ? this.#store.write(writes) : null);',
        replace:
          'const written = writes.length > 0 ? this.#store.write(writes) : null; if (written === null) await null; else void written.catch(() => {});',
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['power-cut'] },
    seed: 1,
    caughtBy: ['promises-are-durable', 'disk-holds-the-log'],
  },
  {
    name: 'vote-not-written',
    why: 'The term is written, and the vote is not.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'return recovering ? { term, vote, recovering } : { term, vote };',
        replace: 'return recovering ? { term, vote: null, recovering } : { term, vote: null };',
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['crash'] },
    seed: 1,
    caughtBy: ['promises-are-durable'],
  },
  {
    name: 'vote-forgotten-on-restart',
    why: 'Whoever starts again knows the term that is on disk, and not the vote.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'vote: start.recovered?.hardState.vote ?? null,',
        replace: 'vote: null,',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['crash', 'power-cut'] },
    seed: 1,
    caughtBy: ['nothing-goes-back', 'one-vote-per-term'],
  },
  {
    name: 'late-write-counts-for-new-entries',
    why: 'A write of entries that were cut off counts for those that took their place (rabbitmq-server#16688).',
    edits: [
      {
        file: 'core/src/evolve/log.ts',
        find: '  next.pendingWrites = next.pendingWrites.map((write) => ({ ...write, lastIndex: Math.min(write.lastIndex, index) }));\n',
        replace: '',
      },
    ],
    scene: { members: 3, durationMs: 5000, faults: ['isolate', 'partition', 'disk-slow'], disk: { writeMs: 5, syncMs: 20 } },
    seed: 20,
    caughtBy: ['disk-holds-the-log'],
  },
  {
    name: 'leader-counts-itself-early',
    why: 'A leader counts its own copy of an entry before its disk has it.',
    edits: [
      {
        file: 'core/src/decide/commit.ts',
        find: 'member === state.id ? state.persistedIndex',
        replace: 'member === state.id ? state.log.lastIndex',
      },
    ],
    scene: { members: 3, durationMs: 2000, faults: ['power-cut'] },
    seed: 1,
    caughtBy: ['commit-on-durable-quorum'],
  },
  {
    name: 'restart-takes-its-log-for-committed',
    why: 'Whoever starts again takes everything in its log for committed.',
    edits: [
      {
        file: 'core/src/state.ts',
        find: 'Math.min(start.recovered?.committed ?? 0, log.lastIndex)',
        replace: 'log.lastIndex',
      },
    ],
    scene: { members: 3, durationMs: 3000, faults: ['crash', 'power-cut-all'] },
    seed: 1,
    caughtBy: ['state-machine-safety', 'commits-agree'],
  },
  {
    name: 'wiped-member-is-let-in',
    why: 'A member that comes with another data directory than before is let in, and so may vote again.',
    edits: [
      {
        file: 'simulator/src/disk/identity-record.ts',
        find: 'if (known !== undefined && known !== incarnation)',
        replace: 'if (false)',
      },
    ],
    scene: { members: 3, durationMs: 4000, faults: 'none', storm: { kinds: ['wipe', 'crash', 'isolate'], everyMs: 150, forMs: 300 } },
    seed: 42,
    caughtBy: ['leader-completeness', 'nothing-goes-back', 'one-vote-per-term'],
  },
];
