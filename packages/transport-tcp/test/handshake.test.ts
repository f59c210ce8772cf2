import { isTransportError, type Peers } from '@flotilla/transport';
import { Inbox, numbered, sendSoon, until } from '@flotilla/transport/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  decodeAnswer,
  decodeGreeting,
  encodeAnswer,
  encodeHello,
  handshakeBytesMax,
  protocolVersion,
} from '../src/handshake.ts';
import type { RefusalReason, TcpTransport } from '../src/index.ts';
import { refusalCodes, refusalFor } from '../src/refusal-reason.ts';
import { enter, helloTo2, introduce, knock } from './raw-peer.ts';
import { TcpCluster } from './tcp-cluster.ts';

const memberId = fc.integer({ min: 1, max: 0xffff_ffff });

function onlyProtocolErrors(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isTransportError(error, 'protocol_error')) throw error;
  }
}

describe('frames of the handshake', () => {
  test('a hello survives the round trip and fits its limit', () => {
    const clusterId = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => Buffer.byteLength(text) <= 255);
    const incarnation = fc.stringMatching(/^[!-~]{0,64}$/);
    const address = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(memberId, memberId, clusterId, incarnation, address, (sender, receiver, cluster, data, reachedAt) => {
        const hello = { sender, receiver, clusterId: cluster, incarnation: data, address: reachedAt };
        expect(decodeGreeting(encodeHello(hello))).toEqual({ kind: 'hello', hello });
      }),
    );
    const longest = helloTo2(1, { clusterId: 'x'.repeat(255), incarnation: 'x'.repeat(64), address: 'x'.repeat(255) });
    expect(longest.length).toBeLessThanOrEqual(handshakeBytesMax);
  });

  test('answers survive the round trip, and fit', () => {
    const answers: Answer[] = [
      { kind: 'welcome', incarnation: '' },
      { kind: 'welcome', incarnation: 'x'.repeat(64) },
    ];
    for (const reason of Object.keys(refusalCodes) as RefusalReason[]) answers.push({ kind: 'refused', refusal: refusalFor(reason) });
    for (const seen of [null, '', 'x'.repeat(64)]) {
      answers.push({ kind: 'refused', refusal: refusalFor('incarnation-refused', '€'.repeat(1_000), seen) });
      answers.push({ kind: 'refused', refusal: refusalFor('incarnation-refused', undefined, seen) });
    }
    for (const answer of answers) {
      const frame = encodeAnswer(answer);
      expect(decodeAnswer(frame)).toEqual(answer);
      expect(frame.length).toBeLessThanOrEqual(handshakeBytesMax);
    }
  });

  test('an incarnation is printable ASCII of some length', () => {
    for (const incarnation of ['x'.repeat(65), 'ä', 'a b', '\n']) {
      expect(() => decodeGreeting(helloTo2(1, { incarnation }))).toThrow(/incarnation/);
      expect(() => decodeAnswer(encodeAnswer({ kind: 'welcome', incarnation }))).toThrow(/incarnation/);
    }
  });

  test('a hello of another version is recognized, whatever follows the version', () => {
    const bytes = Uint8Array.of(8, 0, 0, 0, ...Buffer.from('FLOT'), 1, protocolVersion + 1, 77, 78);
    expect(decodeGreeting(bytes)).toEqual({ kind: 'other-version', version: protocolVersion + 1 });
  });

  test('a refusal is understood in any version', () => {
    const refusal = new Uint8Array(encodeAnswer({ kind: 'refused', refusal: refusalFor('unsupported-version') }));
    refusal[9] = protocolVersion + 1;
    expect(decodeAnswer(refusal)).toEqual({ kind: 'refused', refusal: refusalFor('unsupported-version') });
  });

  test('damaged ones are protocol errors or something else that is valid', () => {
    const frames = [
      helloTo2(1, { clusterId: 'tëst' }),
      encodeAnswer({ kind: 'welcome', incarnation: 'first' }),
      encodeAnswer({ kind: 'refused', refusal: refusalFor('incarnation-refused', 'lost its dâta') }),
    ];
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...frames), damage, fc.nat(), (original, changes, cut) => {
        const frame = new Uint8Array(original);
        for (const [at, value] of changes) frame[at % frame.length] = value;
        for (const bytes of [frame, frame.subarray(0, cut % frame.length)]) {
          onlyProtocolErrors(() => decodeGreeting(bytes));
          onlyProtocolErrors(() => decodeAnswer(bytes));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('handshake', () => {
  let cluster: TcpCluster;

  beforeEach(() => {
    cluster = new TcpCluster();
  });

  afterEach(() => cluster.dispose());

  /** Member 1 connects to member 2, and both say the same about why they did not come together. */
  async function expectBothToReport(reason: RefusalReason, inboundPeer: number | null): Promise<string> {
    const outbound = () => cluster.eventsOf(1, 'refused').filter((event) => event.direction === 'outbound');
    const inbound = () => cluster.eventsOf(2, 'refused').filter((event) => event.direction === 'inbound');
    await until(`both sides to report ${reason}`, () => outbound().length > 0 && inbound().length > 0);
    expect(outbound()).toMatchObject([{ reason, peer: 2 }]);
    expect(inbound()).toMatchObject([{ reason, peer: inboundPeer }]);
    expect(outbound()[0]?.explanation).toBe(inbound()[0]?.explanation);
    expect(outbound()[0]?.by).not.toBe(inbound()[0]?.by);
    return outbound()[0]?.explanation ?? '';
  }

  async function run(transport: TcpTransport, peers?: Peers): Promise<TcpTransport> {
    if (peers) transport.setPeers(peers);
    await transport.start(() => {});
    return transport;
  }

  test('refuses a member of another cluster, and both sides say so', async () => {
    await run(cluster.create(2, { clusterId: 'blue' }));
    const one = await run(cluster.create(1, { clusterId: 'green' }));
    await expectBothToReport('wrong-cluster', null);
    expect(one.send(2, [numbered(1)])).toBe(false);
  });

  test('refuses who meant another member, and both sides say so', async () => {
    await run(cluster.createAlone(2, { memberId: 3 }));
    await run(cluster.create(1));
    await expectBothToReport('wrong-member', 1);
  });

  test('refuses a member that was removed, and both sides say so', async () => {
    await run(cluster.createAlone(2), cluster.peers([3]));
    await run(cluster.createAlone(1), cluster.peers([2]));
    expect(await expectBothToReport('member-removed', 1)).toContain('add it again under a new id');
  });

  test('refuses another version of the protocol', async () => {
    const two = await run(cluster.create(2));
    const connection = await knock(two.address?.port ?? 0);
    const hello = new Uint8Array(helloTo2(1));
    hello[9] = 99;
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.frames.map(decodeAnswer)).toEqual([{ kind: 'refused', refusal: refusalFor('unsupported-version') }]);
    expect(cluster.eventsOf(2, 'refused')).toMatchObject([{ direction: 'inbound', peer: null, reason: 'unsupported-version' }]);
  });

  test('refuses one who claims to be the host itself', async () => {
    const two = await run(cluster.create(2));
    const connection = await introduce(two.address?.port ?? 0, 2);
    await connection.closed;
    expect(connection.frames.map(decodeAnswer)).toEqual([{ kind: 'refused', refusal: refusalFor('same-member') }]);
  });

  test('says each refusal of each member once, however often it is repeated', async () => {
    const two = await run(cluster.createAlone(2), { addresses: new Map(), highestId: 100 });
    const port = two.address?.port ?? 0;
    for (let i = 0; i < 5; i++) await (await introduce(port, 1, { clusterId: 'other' })).closed;
    for (let i = 0; i < 5; i++) for (const removed of [70, 71]) await (await introduce(port, removed)).closed;
    expect(cluster.eventsOf(2, 'refused').map(({ peer, reason }) => [peer, reason])).toEqual([
      [null, 'wrong-cluster'],
      [70, 'member-removed'],
      [71, 'member-removed'],
    ]);
  });

  test('answers so many guests, and refuses one more until one of them leaves', async () => {
    const one = await run(cluster.createAlone(2, { guestsMax: 2 }), { addresses: new Map(), highestId: 9 });
    const port = one.address?.port ?? 0;
    const guests = [await enter(port, 10), await enter(port, 11)];
    await until('both guests to be there', () => cluster.eventsOf(2, 'connected').length === 2);
    const third = await introduce(port, 12);
    await third.closed;
    expect(third.frames.map(decodeAnswer)).toEqual([{ kind: 'refused', refusal: refusalFor('too-many-guests') }]);
    await (await enter(port, 11)).socket.destroy();
    await until('a guest to have left', () => cluster.eventsOf(2, 'disconnected').length === 2);
    await enter(port, 12);
    await until('the third guest to be there', () => cluster.eventsOf(2, 'connected').some(({ peer }) => peer === 12));
    for (const { socket } of guests) socket.destroy();
  });

  test('connects as soon as the other side has been put right', async () => {
    const inbox = new Inbox();
    const wrong = await run(cluster.create(2, { clusterId: 'blue' }));
    const one = await run(cluster.create(1));
    await until('the refusal', () => cluster.eventsOf(1, 'refused').length > 0);
    await wrong.close();
    await cluster.create(2).start(inbox.receive);
    await sendSoon(one, 2, [numbered(1)]);
    expect(await inbox.whenReceived(1, 1)).toEqual([numbered(1)]);
  });

  describe('asks whether to trust the data of the other side', () => {
    const lost = 'member 2 lost its data: remove it and add it under a new id';

    test('when it accepts: the other side is told why not', async () => {
      const asked: [number, string][] = [];
      const admit = (peer: number, incarnation: string) => {
        asked.push([peer, incarnation]);
        return 'member 1 lost its data';
      };
      // Only member 1 connects: member 2 does not know where that is.
      await run(cluster.createAlone(2, { admit, seen: (peer) => `first-of-${peer}` }), cluster.peers([1]));
      const one = await run(cluster.createAlone(1, { incarnation: 'second' }), cluster.peers([2]));
      expect(await expectBothToReport('incarnation-refused', 1)).toBe('member 1 lost its data');
      expect(cluster.eventsOf(1, 'refused')).toMatchObject([{ by: 'other-side', peer: 2, seen: 'first-of-1' }]);
      await until('further attempts', () => asked.length > 3);
      expect(asked[0]).toEqual([1, 'second']);
      expect(one.send(2, [numbered(1)])).toBe(false);
      expect([1, 2].flatMap((member) => cluster.eventsOf(member, 'refused'))).toHaveLength(2);
    });

    test('when it connects: the other side is told why not, and neither repeats it', async () => {
      let asked = 0;
      const admit = (peer: number, incarnation: string) => {
        asked++;
        return peer === 2 && incarnation === 'second' ? lost : null;
      };
      const inbox = new Inbox();
      const two = cluster.createAlone(2, { incarnation: 'second' });
      two.setPeers(cluster.peers([1]));
      await two.start(inbox.receive);
      const one = await run(cluster.createAlone(1, { admit, seen: (peer) => `first-of-${peer}` }), cluster.peers([2]));
      expect(await expectBothToReport('incarnation-refused', 1)).toBe(lost);
      expect(cluster.eventsOf(2, 'refused')).toMatchObject([{ by: 'other-side', peer: 1, seen: 'first-of-2' }]);
      await until('further attempts', () => asked > 3);
      expect(one.send(2, [numbered(1)])).toBe(false);
      expect([1, 2].flatMap((member) => cluster.eventsOf(member, 'refused'))).toHaveLength(2);
      expect(cluster.eventsOf(2, 'connected')).toEqual([]);
    });

    test('lets in whom it trusts, and nobody where it cannot tell', async () => {
      const admit = (peer: number) => {
        if (peer === 3) throw new Error('disk is full');
        return null;
      };
      const two = await run(cluster.create(2, { admit }));
      const one = await run(cluster.create(1));
      await sendSoon(one, 2, [numbered(1)]);
      await sendSoon(two, 1, [numbered(1)]);
      const three = await introduce(two.address?.port ?? 0, 3);
      await three.closed;
      expect(three.frames.map(decodeAnswer)).toMatchObject([
        { refusal: { reason: 'incarnation-refused', explanation: 'the data of member 3 could not be checked: disk is full' } },
      ]);
    });
  });
});
