import { encodeFrame } from '@flotilla/transport';
import { Inbox, numbered, numberedBytes, sendSoon, sendUntilReceived, until } from '@flotilla/transport/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aliveFrame, pingFrame } from '../src/control-frame.ts';
import { encodeAnswer } from '../src/handshake.ts';
import { TcpTransport } from '../src/index.ts';
import { enter, listenRaw, welcomeAndStopReading } from './raw-peer.ts';
import { TcpCluster } from './tcp-cluster.ts';

const mebibyte = 1024 * 1024;

describe('broken connections', () => {
  let cluster: TcpCluster;

  beforeEach(() => {
    cluster = new TcpCluster();
  });

  afterEach(() => cluster.dispose());

  async function start(
    member: number,
    options: Parameters<TcpCluster['create']>[1] = {},
  ): Promise<{ transport: TcpTransport; inbox: Inbox }> {
    const transport = cluster.create(member, options);
    const inbox = new Inbox();
    await transport.start(inbox.receive);
    return { transport, inbox };
  }

  test('a newer connection of a member replaces its older one', async () => {
    const two = await start(2);
    const port = two.transport.address?.port ?? 0;
    const older = await enter(port, 3);
    older.socket.write(encodeFrame(numbered(1)));
    await two.inbox.whenReceived(3, 1);
    const newer = await enter(port, 3);
    await older.closed;
    newer.socket.write(encodeFrame(numbered(2)));
    expect(await two.inbox.whenReceived(3, 2)).toEqual([numbered(1), numbered(2)]);
    const fromThree = cluster.events.flatMap(({ member, event }) =>
      member === 2 && 'direction' in event && event.direction === 'inbound' ? [event.kind] : [],
    );
    expect(fromThree).toEqual(['connected', 'disconnected', 'connected']);
    newer.socket.destroy();
  });

  test('says once that a peer is away, connects again when it is back, and says that', async () => {
    const one = await start(1);
    const two = await start(2);
    await sendSoon(one.transport, 2, [numbered(1)]);
    const failures = () => cluster.eventsOf(1, 'not-connected').filter(({ peer }) => peer === 2).length;
    const failuresAtFirst = failures();
    await two.transport.close();
    await until('the loss to show', () => failures() > failuresAtFirst);
    const failuresBefore = failures();
    const restarted = await start(2);
    await sendUntilReceived(one.transport, 2, numbered(2), restarted.inbox, 1);
    expect(failures()).toBe(failuresBefore);
    const outbound = cluster.events.flatMap(({ member, event }) =>
      member === 1 && 'direction' in event && event.direction === 'outbound' && event.peer === 2 ? [event.kind] : [],
    );
    expect(outbound.slice(-4)).toEqual(['connected', 'disconnected', 'not-connected', 'connected']);
  });

  test('does not wait out its pause when the peer connects to it', async () => {
    const anHour = 3_600_000;
    const one = await start(1, { reconnect: { minMs: anHour, maxMs: anHour } });
    await until('the first attempt to fail', () => cluster.eventsOf(1, 'not-connected').some(({ peer }) => peer === 2));
    const two = await start(2);
    await sendSoon(one.transport, 2, [numbered(1)]);
    expect(await two.inbox.whenReceived(1, 1)).toEqual([numbered(1)]);
  });

  test('bounds what waits for a peer that never reads, and says so once', async () => {
    const deaf = await listenRaw(welcomeAndStopReading);
    cluster.place(2, deaf.port);
    const one = await start(1, { livenessTimeoutMs: 60_000 });
    await sendSoon(one.transport, 2, [numbered(1)]);
    let taken = 0;
    // Turns pass between the batches, so that the system has taken what it wants to take.
    for (let refused = 0; refused < 20; ) {
      if (one.transport.send(2, [numberedBytes(1, mebibyte)])) taken++;
      else refused++;
      expect(taken).toBeLessThan(64);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(cluster.eventsOf(1, 'send-dropped')).toMatchObject([{ peer: 2, reason: 'queue-full' }]);
    await deaf.close();
  });

  test('replaces the connection to a peer that gives no sign of life, even if its queue is full', async () => {
    let connections = 0;
    const deaf = await listenRaw((socket) => {
      connections++;
      welcomeAndStopReading(socket);
    });
    cluster.place(2, deaf.port);
    const one = await start(1, { livenessTimeoutMs: 100 });
    await until('a second connection', () => {
      one.transport.send(2, [numberedBytes(1, mebibyte)]);
      return connections > 1;
    });
    expect(cluster.eventsOf(1, 'disconnected')).toMatchObject([{ direction: 'outbound', peer: 2, reason: 'no sign of life for 100 ms' }]);
    await deaf.close();
  });

  test('keeps a connection on which nothing is sent, as long as its pings are answered', async () => {
    let connections = 0;
    let pings = 0;
    const idle = await listenRaw((socket) => {
      connections++;
      socket.write(encodeAnswer({ kind: 'welcome', incarnation: '' }));
      socket.on('data', (chunk: Buffer) => {
        pings += chunk.length / pingFrame.length;
        socket.write(aliveFrame);
      });
    });
    cluster.place(2, idle.port);
    const one = await start(1, { livenessTimeoutMs: 100 });
    await until('the pings of six timeouts', () => pings > 24);
    expect(connections).toBe(1);
    expect(one.transport.send(2, [numbered(1)])).toBe(true);
    expect(cluster.eventsOf(1, 'disconnected')).toEqual([]);
    await idle.close();
  });

  test('an exception in the receive callback is reported and closes the connection, and the next one works', async () => {
    const failure = new Error('cannot take this');
    const received: number[] = [];
    const two = cluster.create(2);
    await two.start((_from, messages) => {
      for (const { message } of messages) if (message.kind === 'read-index') received.push(message.id);
      if (received.length === 1) throw failure;
    });
    const one = await start(1);
    await sendSoon(one.transport, 2, [numbered(1)]);
    await until('the report', () => cluster.eventsOf(2, 'receive-failed').length > 0);
    expect(cluster.eventsOf(2, 'receive-failed')).toMatchObject([{ peer: 1, reason: 'cannot take this', error: failure }]);
    await until('another message', () => {
      one.transport.send(2, [numbered(2)]);
      return received.includes(2);
    });
  });

  test('closing in the middle of everything leaves no socket behind', async () => {
    const transports = [1, 2, 3].map((member) => cluster.create(member));
    const starts = transports.map((transport) => transport.start(() => {}).catch(() => {}));
    await transports[0]?.close();
    await Promise.all(starts);
    await until('members 2 and 3 to connect', () => transports[1]?.send(3, [numbered(1)]) === true);
    await cluster.dispose();
    // Closed handles are gone from this list a turn of the event loop later.
    await until('no socket to be left', () => !process.getActiveResourcesInfo().some((kind) => kind.startsWith('TCP')));
  });

  test('the error for a taken port names the port and what to do', async () => {
    const one = await start(1);
    const error = await cluster
      .create(1)
      .start(() => {})
      .catch((reason: unknown) => reason);
    const port = one.transport.address?.port;
    expect(error).toMatchObject({ code: 'port_in_use', message: expect.stringContaining(`port ${port} is in use`) });
    expect(error).toMatchObject({ hint: expect.stringContaining('choose another port') });
  });

  test('an address that is not ours is an error of its own', async () => {
    const one = cluster.create(1, { listen: { host: '192.0.2.1', port: 0 } });
    await expect(one.start(() => {})).rejects.toMatchObject({ code: 'listen_failed' });
  });

  test('a listener of events that throws does not stop the transport', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const transport = new TcpTransport({
      clusterId: 'test',
      memberId: 1,
      listen: { host: '127.0.0.1', port: 0 },
      onEvent: () => {
        throw new Error('listener is broken');
      },
    });
    await transport.start(() => {});
    await until('the warning', () => warnings.length > 0);
    process.off('warning', onWarning);
    expect(warnings[0]?.message).toBe('listener is broken');
    await transport.close();
  });
});
