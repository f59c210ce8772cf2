import type { Entry } from '@flotilla/core';
import { MemoryLogStore } from '@flotilla/storage/memory';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostConfig } from './host-config.ts';
import { LogTail } from './log-tail.ts';

const group = { id: 1, founders: [] };
const config = hostConfig({ member: 1, groups: [group], limits: { tailEntriesMax: 4, tailBytesMax: 16 } });

function entry(index: number, term: number): Entry {
  return { index, term, time: 0, kind: 'command', payload: new Uint8Array(3).fill(term) };
}

/** What happens to a log: entries come, reach the disk, are cut off, are forgotten by the memory. */
const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('truncate' as const), keep: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ kind: fc.constant('persist' as const) }),
    fc.record({ kind: fc.constant('trim' as const) }),
  ),
  { maxLength: 40 },
);

test('reads what a plain array would hold, wherever the entries are', async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (steps) => {
      const store = new MemoryLogStore();
      const tail = new LogTail(store, group, config);
      tail.start(0);
      let model: Entry[] = [];
      let persisted = 0;
      for (const [term, step] of steps.entries()) {
        if (step.kind === 'append') {
          const fresh = Array.from({ length: step.count }, (_, i) => entry(model.length + 1 + i, term));
          tail.append(fresh);
          model.push(...fresh);
        } else if (step.kind === 'truncate') {
          const keep = Math.min(step.keep, model.length);
          tail.truncateAfter(keep);
          model = model.slice(0, keep);
          await store.write([{ group: 1, hardState: null, base: null, truncateAfter: keep, entries: [] }]);
          persisted = Math.min(persisted, keep);
        } else if (step.kind === 'persist') {
          await store.write([{ group: 1, hardState: null, base: null, truncateAfter: null, entries: model.slice(persisted) }]);
          persisted = model.length;
        } else {
          tail.trim(persisted);
        }
        for (let from = 1; from <= model.length; from++) {
          const read: Entry[] = [];
          while (from + read.length <= model.length) read.push(...tail.read(from + read.length, model.length, 7));
          expect(read).toEqual(model.slice(from - 1));
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a range that is not in the log is a defect, not an empty answer', () => {
  const tail = new LogTail(new MemoryLogStore(), group, config);
  tail.start(0);
  tail.append([entry(1, 1)]);
  expect(() => tail.read(1, 2, 100)).toThrow(expect.objectContaining({ code: 'invariant_violated' }));
  expect(() => tail.append([entry(3, 1)])).toThrow(expect.objectContaining({ code: 'invariant_violated' }));
});
