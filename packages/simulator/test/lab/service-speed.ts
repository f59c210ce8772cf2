import { expect } from 'vitest';
import { Appends } from './appends.ts';
import { Clerk } from './clerk.ts';
import type { Lab } from './lab.ts';

const appends = 1000;

/** Over so many keys in turn: with one, what is measured would be the copying of its long value. */
const keys = 20;

/** The course wants three calls in each interval between two heartbeats, which are 100 ms apart there. */
const appendMsMax = 33;

/** One append after the other takes its time, and no more: nobody waits for the next heartbeat. */
export async function appendOneAfterAnother(lab: Lab): Promise<void> {
  const clerk = new Clerk(lab);
  // It waits until somebody leads.
  await clerk.put('x', '');
  const pieces = Array.from({ length: keys }, (_, i) => new Appends(clerk, `${i}`, `key ${i}`));
  const begin = lab.world.now;
  for (let i = 0; i < appends; i++) await pieces[i % keys]?.append();
  expect((lab.world.now - begin) / appends).toBeLessThan(appendMsMax);
  for (const each of pieces) each.check(await clerk.get(each.key));
}
