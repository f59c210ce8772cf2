import { expect } from 'vitest';
import { Appends } from './appends.ts';
import { Clerk } from './clerk.ts';
import type { Lab } from './lab.ts';

const appends = 1000;

/** The course wants three calls in each interval between two heartbeats, which are 100 ms apart there. */
const appendMsMax = 33;

/** One append after the other takes its time, and no more: nobody waits for the next heartbeat. */
export async function appendOneAfterAnother(lab: Lab): Promise<void> {
  const clerk = new Clerk(lab);
  // It waits until somebody leads.
  await clerk.put('x', '');
  const pieces = new Appends(clerk, '0', 'x');
  const begin = lab.world.now;
  while (pieces.count < appends) await pieces.append();
  expect((lab.world.now - begin) / appends).toBeLessThan(appendMsMax);
  pieces.check(await clerk.get('x'));
}
