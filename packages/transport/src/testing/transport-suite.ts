import type { MemberId } from '@flotilla/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GroupMessage, Transport } from '../transport.ts';
import { isTransportError } from '../transport-error.ts';
import { Inbox, sendSoon, sendUntilReceived, until } from './inbox.ts';
import { digest, numbered, numberedBytes, sampleMessages } from './sample-messages.ts';

const mebibyte = 1024 * 1024;

/** A network of the members 1, 2 and 3, each of which knows the other two. */
export interface TransportFixture {
  /**
   * A transport of `member`, not started. After it was closed, a second call gives the same member restarted at the same
   * address; while it runs, a second call gives one that finds this address taken.
   */
  create(member: MemberId): Transport;
  /** The bound of unsent bytes per peer that these transports were given: at least 2 MiB, and few enough to fill. */
  readonly queueBytesMax: number;
  /** Takes the network away. Every transport was closed before. */
  dispose?(): Promise<void>;
}

export type MakeTransportFixture = () => TransportFixture | Promise<TransportFixture>;

/** The conformance suite of the port `Transport`: call it at the top level of a vitest file. Each test gets a new network. */
export function testTransport(name: string, makeFixture: MakeTransportFixture): void {
  describe(`${name} is a Transport`, () => {
    let fixture: TransportFixture;
    let created: Transport[] = [];

    beforeEach(async () => {
      fixture = await makeFixture();
    });

    afterEach(async () => {
      await Promise.all(created.map((transport) => transport.close()));
      created = [];
      await fixture.dispose?.();
    });

    function create(member: MemberId): Transport {
      const transport = fixture.create(member);
      created.push(transport);
      return transport;
    }

    async function start(member: MemberId): Promise<{ transport: Transport; inbox: Inbox }> {
      const transport = create(member);
      const inbox = new Inbox();
      await transport.start(inbox.receive);
      return { transport, inbox };
    }

    test('delivers every kind of message unaltered, in both directions', async () => {
      const one = await start(1);
      const two = await start(2);
      await sendSoon(one.transport, 2, sampleMessages);
      await sendSoon(two.transport, 1, sampleMessages);
      expect(await two.inbox.whenReceived(1, sampleMessages.length)).toEqual(sampleMessages);
      expect(await one.inbox.whenReceived(2, sampleMessages.length)).toEqual(sampleMessages);
    });

    test('tells each receiver who sent', async () => {
      const members = await Promise.all(([1, 2, 3] as const).map(async (id) => ({ id, ...(await start(id)) })));
      for (const from of members) {
        for (const to of members) if (from !== to) await sendSoon(from.transport, to.id, [numbered(from.id * 10 + to.id)]);
      }
      for (const to of members) {
        for (const from of members) {
          if (from !== to) expect(await to.inbox.whenReceived(from.id, 1)).toEqual([numbered(from.id * 10 + to.id)]);
        }
      }
    });

    test('keeps the order per peer of many small and some large messages, and their bytes', async () => {
      const one = await start(1);
      const two = await start(2);
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
      const one = await start(1);
      const two = await start(2);
      const batch = [numbered(1, 1), numbered(2, 900), numbered(3, 2), numbered(4, 0xffff_ffff), numbered(5, 1)];
      await sendSoon(one.transport, 2, batch);
      expect(await two.inbox.whenReceived(1, batch.length)).toEqual(batch);
    });

    test('hands over in batches what arrived together', async () => {
      const one = await start(1);
      const two = await start(2);
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
      const one = await start(1);
      const two = await start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await two.inbox.whenReceived(1, 1);
      expect(one.transport.send(2, [numbered(2)])).toBe(true);
      expect(two.inbox.from(1)).toHaveLength(1);
      await two.inbox.whenReceived(1, 2);
    });

    test('returns false for a peer that does not run, for an unknown one and for itself', async () => {
      const one = await start(1);
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
      expect(one.transport.send(99, [numbered(1)])).toBe(false);
      expect(one.transport.send(1, [numbered(1)])).toBe(false);
    });

    test('returns false before the start and after the end', async () => {
      await start(2);
      const one = create(1);
      expect(one.send(2, [numbered(1)])).toBe(false);
      await one.start(() => {});
      await sendSoon(one, 2, [numbered(2)]);
      await one.close();
      expect(one.send(2, [numbered(3)])).toBe(false);
    });

    test('nothing of what was refused arrives later', async () => {
      const one = await start(1);
      expect(one.transport.send(2, [numbered(1)])).toBe(false);
      const two = await start(2);
      await sendSoon(one.transport, 2, [numbered(2)]);
      expect(await two.inbox.whenReceived(1, 1)).toEqual([numbered(2)]);
    });

    test('bounds the queue of unsent bytes, delivers what it took, and takes more afterwards', async () => {
      // In a single turn nobody can read, and what the operating system takes off our hands is bounded too.
      const systemBytesMax = 32 * mebibyte;
      const one = await start(1);
      const two = await start(2);
      await sendSoon(one.transport, 2, [numbered(0)]);
      let taken = 0;
      while (one.transport.send(2, [numberedBytes(taken + 1, mebibyte)])) {
        taken++;
        expect(taken * mebibyte).toBeLessThanOrEqual(fixture.queueBytesMax + systemBytesMax);
      }
      expect((await two.inbox.whenReceived(1, 1 + taken)).map(idOf)).toEqual(Array.from({ length: 1 + taken }, (_, id) => id));
      await sendSoon(one.transport, 2, [numbered(taken + 1)]);
      expect((await two.inbox.whenReceived(1, taken + 2)).map(idOf).at(-1)).toBe(taken + 1);
    });

    test('reaches a restarted peer again, and is reached by it', async () => {
      const one = await start(1);
      const two = await start(2);
      await sendSoon(one.transport, 2, [numbered(1)]);
      await two.inbox.whenReceived(1, 1);
      await two.transport.close();
      await until('the loss of the peer to show', () => !one.transport.send(2, [numbered(2)]));
      const restarted = await start(2);
      await sendUntilReceived(one.transport, 2, numbered(3), restarted.inbox, 1);
      await sendUntilReceived(restarted.transport, 1, numbered(4), one.inbox, 2);
      expect(restarted.inbox.from(1).map(idOf)).not.toContain(1);
    });

    test('receives nothing once it is closed', async () => {
      const one = await start(1);
      const two = await start(2);
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
      const one = await start(1);
      await Promise.all([one.transport.close(), one.transport.close()]);
      await one.transport.close();
      await create(2).close();
    });

    test('rejects its start where the address is taken, and leaves the holder of the address alone', async () => {
      const one = await start(1);
      const two = await start(2);
      const intruder = create(1);
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
