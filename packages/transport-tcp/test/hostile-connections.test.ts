import { encodeFrame, encodeFrames } from '@flotilla/transport';
import { Inbox, numbered, numberedBytes, sendSoon, until } from '@flotilla/transport/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pingFrame } from '../src/control-frame.ts';
import { decodeAnswer } from '../src/handshake.ts';
import type { TcpTransport } from '../src/index.ts';
import { enter, helloTo2, introduce, knock, listenRaw, type RawConnection } from './raw-peer.ts';
import { TcpCluster } from './tcp-cluster.ts';

describe('hostile connections', () => {
  let cluster: TcpCluster;
  let two: TcpTransport;
  let inbox: Inbox;
  let port: number;

  beforeEach(async () => {
    cluster = new TcpCluster({ handshakeTimeoutMs: 300, strangersMax: 3 });
    inbox = new Inbox();
    two = cluster.create(2);
    await two.start(inbox.receive);
    port = two.address?.port ?? 0;
  });

  afterEach(() => cluster.dispose());

  /** Whatever was done to it, the transport still serves its peers. */
  async function expectToServe(): Promise<void> {
    const one = cluster.create(1);
    await one.start(() => {});
    await sendSoon(one, 2, [numbered(7_777)]);
    await until('a message of a peer', () => inbox.from(1).some(({ message }) => message.kind === 'read-index' && message.id === 7_777));
  }

  async function welcomed(sender = 3): Promise<RawConnection> {
    const connection = await enter(port, sender);
    expect(decodeAnswer(connection.frames[0] ?? new Uint8Array(0))).toEqual({ kind: 'welcome', incarnation: '' });
    await until('the answer to its ping', () => connection.frames.length > 1);
    return connection;
  }

  test('garbage closes its connection with a protocol error and does nothing else', async () => {
    const connection = await knock(port);
    connection.socket.write('GET / HTTP/1.1\r\n\r\n');
    await connection.closed;
    expect(cluster.eventsOf(2, 'protocol-error')).toMatchObject([{ direction: 'inbound', peer: null, code: 'frame_too_large' }]);
    await expectToServe();
  });

  test('any garbage, before and after the handshake', async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      // With a length field that is right, so that the content is looked at.
      fc.uint8Array({ maxLength: 100 }).map((content) => Uint8Array.of(content.length, 0, 0, 0, ...content)),
    );
    await fc.assert(
      fc.asyncProperty(garbage, fc.boolean(), async (bytes, introduced) => {
        const connection = introduced ? await welcomed() : await knock(port);
        connection.socket.end(bytes);
        await connection.closed;
      }),
      { numRuns: 100 },
    );
    await expectToServe();
  });

  test('bytes behind a hello that did not wait for its welcome are an error', async () => {
    const connection = await knock(port);
    const hello = helloTo2(3);
    connection.socket.write(Buffer.concat([hello, encodeFrame(numbered(1))]));
    await connection.closed;
    expect(cluster.eventsOf(2, 'protocol-error')).toHaveLength(1);
    expect(inbox.batches).toEqual([]);
  });

  test('messages without a confirmation are an error', async () => {
    const connection = await introduce(port, 3);
    await until('the welcome', () => connection.frames.length > 0);
    connection.socket.write(Buffer.concat([encodeFrame(numbered(1)), pingFrame]));
    await connection.closed;
    expect(cluster.eventsOf(2, 'protocol-error')).toMatchObject([{ reason: 'a frame should be a ping and is not' }]);
    expect(inbox.batches).toEqual([]);
  });

  test('one who never confirms is given up in time', async () => {
    const connection = await introduce(port, 3);
    await connection.closed;
    const inbound = cluster.eventsOf(2, 'not-connected').filter(({ direction }) => direction === 'inbound');
    expect(inbound).toMatchObject([{ peer: null, reason: 'did not confirm in time that it lets this host in' }]);
  });

  test('a slow introduction ends in time, however steadily it goes on', async () => {
    const connection = await knock(port);
    const hello = helloTo2(3, { clusterId: 'x'.repeat(255) });
    let sent = 0;
    const timer = setInterval(() => connection.socket.write(hello.subarray(sent, ++sent)), 10);
    await connection.closed;
    clearInterval(timer);
    const inbound = cluster.eventsOf(2, 'not-connected').filter(({ direction }) => direction === 'inbound');
    expect(inbound).toMatchObject([{ peer: null, reason: 'did not introduce itself in time' }]);
    await expectToServe();
  });

  test('the oldest stranger makes room for a new one', async () => {
    const strangers = [await knock(port), await knock(port), await knock(port)];
    await expectToServe();
    await strangers[0]?.closed;
    expect(cluster.eventsOf(2, 'not-connected').some(({ reason }) => reason.startsWith('too many'))).toBe(true);
    for (const { socket } of strangers) socket.destroy();
  });

  test('a frame larger than allowed closes the connection before its content comes', async () => {
    const connection = await welcomed();
    connection.socket.write(Uint8Array.of(0, 0, 0, 0x10, 1, 0));
    await connection.closed;
    expect(cluster.eventsOf(2, 'protocol-error')).toMatchObject([{ direction: 'inbound', peer: 3, code: 'frame_too_large' }]);
    await expectToServe();
  });

  test('messages that came before an error were delivered', async () => {
    const connection = await welcomed();
    connection.socket.write(encodeFrames([numbered(1), numbered(2)]));
    await inbox.whenReceived(3, 2);
    connection.socket.write(Uint8Array.of(1, 0, 0, 0, 9));
    await connection.closed;
    expect(inbox.from(3)).toEqual([numbered(1), numbered(2)]);
  });

  test('an acceptor that answers nonsense is reported once and tried again', async () => {
    let hellos = 0;
    const impostor = await listenRaw((socket) => {
      hellos++;
      socket.write('220 mail.example.org ESMTP\r\n');
    });
    cluster.place(3, impostor.port);
    await until('several attempts', () => hellos > 3);
    expect(cluster.eventsOf(2, 'protocol-error')).toMatchObject([{ direction: 'outbound', peer: 3 }]);
    expect(two.send(3, [numbered(1)])).toBe(false);
    await impostor.close();
  });

  test('an acceptor that never answers is given up in time', async () => {
    let hellos = 0;
    const silent = await listenRaw(() => void hellos++);
    cluster.place(3, silent.port);
    await until('a second attempt', () => hellos > 1);
    expect(cluster.eventsOf(2, 'not-connected').map(({ reason }) => reason)).toContain('no answer in time');
    await silent.close();
  });

  test('a frame that this host may not send is dropped with its whole batch', async () => {
    const one = cluster.create(1);
    await one.start(() => {});
    await sendSoon(one, 2, [numbered(1)]);
    expect(one.send(2, [numbered(2), numberedBytes(3, 2 * 1024 * 1024)])).toBe(false);
    expect(one.send(2, [numbered(4)])).toBe(true);
    expect(await inbox.whenReceived(1, 2)).toEqual([numbered(1), numbered(4)]);
    expect(cluster.eventsOf(1, 'send-dropped')).toMatchObject([{ peer: 2, reason: 'frame-too-large' }]);
  });
});
