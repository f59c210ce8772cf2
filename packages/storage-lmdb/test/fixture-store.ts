import { type Entry, encodeMembership, foundingMembership, type MemberInfo } from '@flotilla/core';
import { openLmdbStorage } from '../src/index.ts';

/*
 * What `fixtures/format-3` holds, and how it was written. The directory is kept as it is: later versions of format 3 have to open it.
 */

export const fixtureIdentity = { clusterId: 'fixture', memberId: 2, app: 'kv' };

const member: MemberInfo = { id: 2, peerAddress: 'a:1', clientAddress: 'a:2', voter: true, witness: false, priority: 0 };
export const fixtureMembership = foundingMembership([member]);
export const fixtureEntries: readonly Entry[] = [3, 4, 5, 6].map((index) => ({
  index,
  term: index < 5 ? 1 : 4,
  time: 1_700_000_000_000 + index,
  kind: index === 5 ? 'membership' : 'command',
  payload: index === 5 ? encodeMembership(fixtureMembership) : new Uint8Array(index === 6 ? 5_000 : 20).fill(index),
}));
export const fixtureBase = { index: 2, term: 1, time: 1_700_000_000_002, membership: fixtureMembership };
export const fixtureHardState = { term: 4, vote: 2 };
export const fixturePeer = `${'0'.repeat(8)}.3.00000000`;
export const fixtureRecord = { index: 4, term: 1, time: 1_700_000_000_004, events: new Uint8Array([1, 2, 3]) };
export const fixturePair = [new Uint8Array([1]), new Uint8Array([2, 2])] as const;

/** Writes the directory anew: for a new format. */
export async function writeFixture(directory: string): Promise<void> {
  const { logStore, stateStore, admit, close } = await openLmdbStorage({ directory, identity: fixtureIdentity, flushDelayMs: 0 });
  const nothing = { group: 1, hardState: null, base: null, truncateAfter: null, entries: [] };
  await logStore.write([{ ...nothing, hardState: fixtureHardState, base: fixtureBase, entries: fixtureEntries }]);
  await logStore.write([{ ...nothing, group: 2, hardState: { term: 3, vote: null, recovering: true } }]);
  stateStore.space(1).put(...fixturePair);
  await stateStore.commit([{ group: 1, applied: 5, records: [fixtureRecord] }]);
  admit(3, fixturePeer);
  await close();
}
