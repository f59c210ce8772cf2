import { describe, expect, test } from 'vitest';
import { noPeers } from '../standing.ts';
import { sendSoon, until } from './inbox.ts';
import { numbered } from './sample-messages.ts';
import type { SuiteMembers } from './suite-members.ts';

/** The part of the conformance suite that is about who takes part and who is reachable. */
export function testPeers(members: () => SuiteMembers): void {
  describe('peers', () => {
    test('nobody is reached before peers are set, and those set before the start count', async () => {
      const one = await members().startAlone(1, noPeers);
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
      const two = await members().startAlone(2, members().peers(2, [1]));
      one.transport.setPeers(members().peers(2, [2]));
      await sendSoon(two.transport, 1, [numbered(2)]);
      await sendSoon(one.transport, 2, [numbered(3)]);
      expect(await one.inbox.whenReceived(2, 1)).toEqual([numbered(2)]);
      expect(await two.inbox.whenReceived(1, 1)).toEqual([numbered(3)]);
    });

    test('a peer that comes in later is reached, and the others stay', async () => {
      const one = await members().start(1);
      const two = await members().start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      const three = await members().start(3);
      await sendSoon(one.transport, 3, [numbered(2)]);
      await sendSoon(two.transport, 3, [numbered(3)]);
      await three.inbox.whenReceived(1, 1);
      await three.inbox.whenReceived(2, 1);
      expect(one.transport.send(2, [numbered(4)])).toBe(true);
      expect(await two.inbox.whenReceived(1, 2)).toEqual([numbered(1), numbered(4)]);
      expect(one.reachability).toEqual(['+2', '+3']);
    });

    test('a removed peer is dropped, and neither heard nor let in again', async () => {
      const one = await members().start(1);
      const two = await members().start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await sendSoon(two.transport, 1, [numbered(2)]);
      await one.inbox.whenReceived(2, 1);
      one.transport.setPeers(members().peers(2, []));
      expect(one.transport.send(2, [numbered(3)])).toBe(false);
      await until('both to be told', () => one.reachability.includes('-2') && two.reachability.includes('-1'));
      expect(two.transport.send(1, [numbered(4)])).toBe(false);
      expect(one.inbox.from(2)).toEqual([numbered(2)]);
    });

    test('a guest, whose id is above all that are known, is heard and answered', async () => {
      const one = await members().startAlone(1, noPeers);
      const three = await members().startAlone(3, members().peers(3, [1]));
      await sendSoon(three.transport, 1, [numbered(1)]);
      await one.inbox.whenReceived(3, 1);
      await sendSoon(one.transport, 3, [numbered(2)]);
      expect(await three.inbox.whenReceived(1, 1)).toEqual([numbered(2)]);
      one.transport.setPeers(members().peers(3, [3]));
      await sendSoon(one.transport, 3, [numbered(3)]);
      expect(await three.inbox.whenReceived(1, 2)).toEqual([numbered(2), numbered(3)]);
      expect(one.reachability).toEqual(['+3']);
    });

    test('a guest that leaves is forgotten', async () => {
      const one = await members().startAlone(1, noPeers);
      const three = await members().startAlone(3, members().peers(3, [1]));
      await until('the guest to be reachable', () => one.reachability.includes('+3'));
      await three.transport.close();
      await until('the loss to be told', () => one.reachability.includes('-3'));
      expect(one.transport.send(3, [numbered(1)])).toBe(false);
    });

    test('a guest that turns out to have been removed is dropped', async () => {
      const one = await members().startAlone(1, noPeers);
      const three = await members().startAlone(3, members().peers(3, [1]));
      await until('the guest to be reachable', () => one.reachability.includes('+3'));
      one.transport.setPeers({ addresses: new Map(), highestId: 3 });
      await until('both to be told', () => one.reachability.includes('-3') && three.reachability.includes('-1'));
      expect(one.transport.send(3, [numbered(1)])).toBe(false);
    });
  });

  describe('reachability', () => {
    test('tells of each peer once, when it comes and when it goes', async () => {
      const one = await members().start(1);
      const two = await members().start(2);
      await until('both to be told', () => one.reachability.length + two.reachability.length === 2);
      expect(one.transport.send(2, [numbered(1)])).toBe(true);
      await two.transport.close();
      await until('the loss to be told', () => one.reachability.length === 2);
      await members().start(2);
      await until('the return to be told', () => one.reachability.length === 3);
      expect(one.reachability).toEqual(['+2', '-2', '+2']);
      expect(two.reachability).toEqual(['+1']);
    });

    test('says nothing any more once it is closed', async () => {
      const one = await members().start(1);
      await members().start(2);
      await until('the peer to be reachable', () => one.reachability.length === 1);
      await one.transport.close();
      expect(one.reachability).toEqual(['+2']);
    });

    test('a peer that falls silent is lost, though nobody sends to it', async () => {
      const one = await members().start(1);
      const two = await members().start(2);
      await until('both to be told', () => one.reachability.length + two.reachability.length === 2);
      members().fixture.silence(2);
      await until('the loss to be told', () => one.reachability.includes('-2'));
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
    });
  });
}
