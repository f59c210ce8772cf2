import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GroupMessage } from '../transport.ts';
import { isTransportError } from '../transport-error.ts';
import { sendSoon, sendUntilReceived, until } from './inbox.ts';
import { testPeers } from './peers-tests.ts';
import { digest, numbered, numberedBytes, sampleMessages } from './sample-messages.ts';
import { SuiteMembers, type TransportFixture } from './suite-members.ts';

const mebibyte = 1024 * 1024;

export type MakeTransportFixture = () => TransportFixture | Promise<TransportFixture>;

/** The conformance suite of the port `Transport`: call it at the top level of a vitest file. Each test gets a new network. */
export function testTransport(name: string, makeFixture: MakeTransportFixture): void {
  describe(`${name} is a Transport`, () => {
    let members: SuiteMembers;

    beforeEach(async () => {
      members = new SuiteMembers(await makeFixture());
    });

    afterEach(() => members.dispose());

    testPeers(() => members);

    test('delivers every kind of message unaltered, in both directions', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, sampleMessages);
      await sendSoon(two.transport, 1, sampleMessages);
      expect(await two.inbox.whenReceived(1, sampleMessages.length)).toEqual(sampleMessages);
      expect(await one.inbox.whenReceived(2, sampleMessages.length)).toEqual(sampleMessages);
    });

    test('tells each receiver who sent', async () => {
      const all = await Promise.all([1, 2, 3].map((id) => members.start(id)));
      for (const from of all) {
        for (const to of all) if (from !== to) await sendSoon(from.transport, to.id, [numbered(from.id * 10 + to.id)]);
      }
      for (const to of all) {
        for (const from of all) {
          if (from !== to) expect(await to.inbox.whenReceived(from.id, 1)).toEqual([numbered(from.id * 10 + to.id)]);
        }
      }
    });

    test('keeps the order per peer of many small and some large messages, and their bytes', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      const sent: GroupMessage[] = [];
      for (let id = 0; sent.length < 10_000; id++) {
        const batch = Array.from({ length: 1 + (id % 50) }, (_, i) => numbered(sent.length + i));
        if (id % 60 === 30) batch.push(numberedBytes(sent.length + batch.length, mebibyte));
        sent.push(...batch);
        await sendSoon(one.transport, 2, batch);
      }
      const received = await two.inbox.whenReceived(1, sent.length);
      expect(received.map(idOf)).toEqual(sent.map(idOf));
      expect(digest(received)).toBe(digest(sent));
    });

    test('carries several groups in one batch', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      const batch = [numbered(1, 1), numbered(2, 900), numbered(3, 2), numbered(4, 0xffff_ffff), numbered(5, 1)];
      await sendSoon(one.transport, 2, batch);
      expect(await two.inbox.whenReceived(1, batch.length)).toEqual(batch);
    });

    test('hands over in batches what arrived together', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(
        one.transport,
        2,
        Array.from({ length: 1_000 }, (_, id) => numbered(id)),
      );
      await two.inbox.whenReceived(1, 1_000);
      expect(two.inbox.batches.length).toBeLessThan(500);
      expect(two.inbox.batches.every(({ messages }) => messages.length > 0)).toBe(true);
    });

    test('does not call back before send has returned', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await two.inbox.whenReceived(1, 1);
      expect(one.transport.send(2, [numbered(2)])).toBe(true);
      expect(two.inbox.from(1)).toHaveLength(1);
      await two.inbox.whenReceived(1, 2);
    });

    test('returns false for a peer that does not run, for an unknown one and for itself', async () => {
      const one = await members.start(1);
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
      expect(one.transport.send(99, [numbered(1)])).toBe(false);
      expect(one.transport.send(1, [numbered(1)])).toBe(false);
    });

    test('returns false before the start and after the end', async () => {
      await members.startAlone(2);
      const one = members.create(1);
      one.setPeers(members.peers(2, [2]));
      expect(one.send(2, [numbered(1)])).toBe(false);
      await one.start(() => {});
      await sendSoon(one, 2, [numbered(2)]);
      await one.close();
      expect(one.send(2, [numbered(3)])).toBe(false);
    });

    test('nothing of what was refused arrives later', async () => {
      const one = await members.start(1);
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, [numbered(2)]);
      expect(await two.inbox.whenReceived(1, 1)).toEqual([numbered(2)]);
    });

    test('bounds the queue of unsent bytes, delivers what it took, and takes more afterwards', async () => {
      // In a single turn nobody can read, and what the operating system takes off our hands is bounded too.
      const systemBytesMax = 32 * mebibyte;
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, [numbered(0)]);
      let taken = 0;
      while (one.transport.send(2, [numberedBytes(taken + 1, mebibyte)])) {
        taken++;
        expect(taken * mebibyte).toBeLessThanOrEqual(members.fixture.queueBytesMax + systemBytesMax);
      }
      expect((await two.inbox.whenReceived(1, 1 + taken)).map(idOf)).toEqual(Array.from({ length: 1 + taken }, (_, id) => id));
      await sendSoon(one.transport, 2, [numbered(taken + 1)]);
      expect((await two.inbox.whenReceived(1, taken + 2)).map(idOf).at(-1)).toBe(taken + 1);
    });

    test('reaches a restarted peer again, and is reached by it', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await two.inbox.whenReceived(1, 1);
      await two.transport.close();
      await until('the loss of the peer to show', () => !one.transport.send(2, [numbered(2)]));
      const restarted = await members.start(2);
      await sendUntilReceived(one.transport, 2, numbered(3), restarted.inbox, 1);
      await sendUntilReceived(restarted.transport, 1, numbered(4), one.inbox, 2);
      expect(restarted.inbox.from(1).map(idOf)).not.toContain(1);
    });

    test('receives nothing once it is closed', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await two.inbox.whenReceived(1, 1);
      one.transport.send(2, [numbered(2)]);
      const closing = two.transport.close();
      const received = two.inbox.from(1).length;
      await closing;
      await until('the sender to notice', () => !one.transport.send(2, [numbered(3)]));
      expect(two.inbox.from(1)).toHaveLength(received);
    });

    test('can be closed twice, and without having been started', async () => {
      const one = await members.start(1);
      await Promise.all([one.transport.close(), one.transport.close()]);
      await one.transport.close();
      await members.create(2).close();
    });

    test('rejects its start where the address is taken, and leaves the holder of the address alone', async () => {
      const one = await members.start(1);
      const two = await members.start(2);
      const intruder = members.create(1);
      const error = await intruder.start(() => {}).catch((reason: unknown) => reason);
      expect(isTransportError(error, 'port_in_use')).toBe(true);
      await intruder.close();
      await sendSoon(two.transport, 1, [numbered(1)]);
      expect(await one.inbox.whenReceived(2, 1)).toEqual([numbered(1)]);
    });
  });
}

function idOf({ message }: GroupMessage): number {
  return 'id' in message ? message.id : Number.NaN;
}
