import { isTransportError } from '@flotilla/transport';
import { Inbox, numbered, sendSoon, until } from '@flotilla/transport/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeAnswer, decodeGreeting, encodeAnswer, encodeHello, handshakeBytesMax, protocolVersion } from '../src/handshake.ts';
import type { RefusalReason } from '../src/index.ts';
import { refusalCodes } from '../src/refusal-reason.ts';
import { introduce, knock } from './raw-peer.ts';
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
    fc.assert(
      fc.property(memberId, memberId, clusterId, (sender, receiver, cluster) => {
        const hello = { sender, receiver, clusterId: cluster };
        expect(decodeGreeting(encodeHello(hello))).toEqual({ kind: 'hello', hello });
      }),
    );
    expect(encodeHello({ sender: 1, receiver: 2, clusterId: 'x'.repeat(255) }).length).toBeLessThanOrEqual(handshakeBytesMax);
  });

  test('answers survive the round trip', () => {
    expect(decodeAnswer(encodeAnswer({ kind: 'welcome' }))).toEqual({ kind: 'welcome' });
    for (const reason of Object.keys(refusalCodes) as RefusalReason[]) {
      expect(decodeAnswer(encodeAnswer({ kind: 'refused', reason }))).toEqual({ kind: 'refused', reason });
    }
  });

  test('a hello of another version is recognized, whatever follows the version', () => {
    const bytes = Uint8Array.of(8, 0, 0, 0, ...Buffer.from('FLOT'), 1, protocolVersion + 1, 77, 78);
    expect(decodeGreeting(bytes)).toEqual({ kind: 'other-version', version: protocolVersion + 1 });
  });

  test('a refusal is understood in any version', () => {
    const refusal = new Uint8Array(encodeAnswer({ kind: 'refused', reason: 'unsupported-version' }));
    refusal[9] = protocolVersion + 1;
    expect(decodeAnswer(refusal)).toEqual({ kind: 'refused', reason: 'unsupported-version' });
  });

  test('damaged ones are protocol errors or something else that is valid', () => {
    const frames = [encodeHello({ sender: 1, receiver: 2, clusterId: 'tëst' }), encodeAnswer({ kind: 'refused', reason: 'wrong-member' })];
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

  async function expectBothToReport(reason: RefusalReason, inboundPeer: number | null): Promise<void> {
    const refusals = () => [1, 2].map((member) => cluster.eventsOf(member, 'refused').filter((event) => event.reason === reason));
    await until(`both sides to report ${reason}`, () => refusals().every((events) => events.length > 0));
    const [dialler, acceptor] = refusals();
    expect(dialler?.[0]).toMatchObject({ direction: 'outbound', peer: 2 });
    expect(acceptor?.[0]).toMatchObject({ direction: 'inbound', peer: inboundPeer });
    expect(dialler?.[0]?.explanation).toBe(acceptor?.[0]?.explanation);
  }

  test('refuses a member of another cluster, and both sides say so', async () => {
    await cluster.create(2, { clusterId: 'blue', peers: new Map([[1, cluster.addressOf(1)]]) }).start(() => {});
    const one = cluster.create(1, { clusterId: 'green' });
    await one.start(() => {});
    await expectBothToReport('wrong-cluster', null);
    expect(one.send(2, [numbered(1)])).toBe(false);
  });

  test('refuses who meant another member, and both sides say so', async () => {
    await cluster.create(2, { memberId: 3, peers: new Map([[1, { host: '127.0.0.1', port: 1 }]]) }).start(() => {});
    await cluster.create(1).start(() => {});
    await expectBothToReport('wrong-member', 1);
  });

  test('refuses a member that it does not know, and both sides say so', async () => {
    await cluster.create(2, { peers: new Map([[3, cluster.addressOf(3)]]) }).start(() => {});
    await cluster.create(1).start(() => {});
    await expectBothToReport('unknown-member', 1);
  });

  test('refuses another version of the protocol', async () => {
    const two = cluster.create(2);
    await two.start(() => {});
    const connection = await knock(two.address?.port ?? 0);
    const hello = new Uint8Array(encodeHello({ sender: 1, receiver: 2, clusterId: 'test' }));
    hello[9] = 99;
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.frames.map(decodeAnswer)).toEqual([{ kind: 'refused', reason: 'unsupported-version' }]);
    expect(cluster.eventsOf(2, 'refused')).toMatchObject([{ direction: 'inbound', peer: null, reason: 'unsupported-version' }]);
  });

  test('refuses one who claims to be the host itself', async () => {
    const two = cluster.create(2, { peers: new Map([1, 2].map((id) => [id, cluster.addressOf(id)])) });
    await two.start(() => {});
    const connection = await introduce(two.address?.port ?? 0, 2, 2);
    await connection.closed;
    expect(connection.frames.map(decodeAnswer)).toEqual([{ kind: 'refused', reason: 'unknown-member' }]);
  });

  test('says a refusal once, however often it is repeated', async () => {
    const two = cluster.create(2);
    await two.start(() => {});
    for (let i = 0; i < 5; i++) await (await introduce(two.address?.port ?? 0, 1, 2, 'other')).closed;
    for (let i = 0; i < 5; i++) await (await introduce(two.address?.port ?? 0, 70 + i, 2)).closed;
    expect(cluster.eventsOf(2, 'refused').map(({ reason }) => reason)).toEqual(['wrong-cluster', 'unknown-member']);
  });

  test('connects as soon as the other side has been put right', async () => {
    const inbox = new Inbox();
    const wrong = cluster.create(2, { clusterId: 'blue' });
    await wrong.start(() => {});
    const one = cluster.create(1);
    await one.start(() => {});
    await until('the refusal', () => cluster.eventsOf(1, 'refused').length > 0);
    await wrong.close();
    await cluster.create(2).start(inbox.receive);
    await sendSoon(one, 2, [numbered(1)]);
    expect(await inbox.whenReceived(1, 1)).toEqual([numbered(1)]);
  });
});
