import { noPeers, type Peers } from '@flotilla/transport';
import { Inbox, numbered, sendSoon, until } from '@flotilla/transport/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TcpTransport } from '../src/index.ts';
import { listenRaw } from './raw-peer.ts';
import { TcpCluster } from './tcp-cluster.ts';

describe('changing peers', () => {
  let cluster: TcpCluster;

  beforeEach(() => {
    cluster = new TcpCluster();
  });

  afterEach(() => cluster.dispose());

  async function start(member: number): Promise<{ transport: TcpTransport; inbox: Inbox; reachability: string[] }> {
    const transport = cluster.create(member);
    const inbox = new Inbox();
    const reachability: string[] = [];
    await transport.start(inbox.receive, (peer, reachable) => void reachability.push(`${reachable ? '+' : '-'}${peer}`));
    return { transport, inbox, reachability };
  }

  test('connects to a peer at its new address, and not to the old one any more', async () => {
    const one = await start(1);
    const two = await start(2);
    await sendSoon(one.transport, 2, [numbered(1)]);
    let hellos = 0;
    const elsewhere = await listenRaw(() => void hellos++);
    cluster.place(2, elsewhere.port);
    await until('a hello at the new address', () => hellos > 0);
    expect(one.transport.send(2, [numbered(2)])).toBe(false);
    expect(cluster.eventsOf(1, 'disconnected')).toMatchObject([{ direction: 'outbound', reason: 'the address of the peer changed' }]);
    cluster.place(2, two.transport.address?.port ?? 0);
    await sendSoon(one.transport, 2, [numbered(3)]);
    await until('the message at the first address', () => two.inbox.from(1).length === 2);
    await elsewhere.close();
  });

  test('says once that an address is none, and goes on when it has been put right', async () => {
    const two = await start(2);
    const one = await start(1);
    await sendSoon(one.transport, 2, [numbered(1)]);
    one.transport.setPeers({ addresses: new Map([[2, 'nonsense']]), highestId: 3 });
    await until('the report', () => cluster.eventsOf(1, 'not-connected').some(({ address }) => address === 'nonsense'));
    one.transport.setPeers(cluster.peers());
    await sendSoon(one.transport, 2, [numbered(2)]);
    expect(await two.inbox.whenReceived(1, 2)).toEqual([numbered(1), numbered(2)]);
  });

  test('a guest is answered, and gets to know the incarnation of who answers', async () => {
    const asked = new Set<string>();
    const admit = (peer: number, incarnation: string) => {
      asked.add(`${peer} ${incarnation}`);
      return null;
    };
    const known = cluster.createAlone(1, { incarnation: 'of-1', admit });
    const guest = cluster.createAlone(3, { incarnation: 'of-3', admit });
    const inbox = new Inbox();
    await known.start(() => {});
    await guest.start(inbox.receive);
    guest.setPeers(cluster.peers([1]));
    await sendSoon(known, 3, [numbered(1)]);
    expect(await inbox.whenReceived(1, 1)).toEqual([numbered(1)]);
    expect(asked).toEqual(new Set(['3 of-3', '1 of-1']));
  });

  test('after any changes everybody whom both sides know is reached, and gain and loss alternate', async () => {
    const members = await Promise.all([1, 2, 3].map(start));
    const others: Peers[] = [noPeers, cluster.peers([]), cluster.peers([1, 2]), cluster.peers([3]), cluster.peers()];
    const misplaced = { addresses: new Map([1, 2, 3].map((id) => [id, cluster.addressOf((id % 3) + 1)])), highestId: 3 };
    const change = fc.record({ member: fc.nat(2), peers: fc.constantFrom(...others, misplaced), turns: fc.nat(4) });
    let id = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        for (const { member, peers, turns } of changes) {
          members[member]?.transport.setPeers(peers);
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
        }
        for (const { transport } of members) transport.setPeers(cluster.peers());
        for (const [i, { transport }] of members.entries()) {
          const to = ((i + 1) % 3) + 1;
          const message = numbered(++id);
          // What is sent right before a connection is lost may be lost with it.
          await until('the message to arrive', () => {
            transport.send(to, [message]);
            return members[to - 1]?.inbox.from(i + 1).some((received) => JSON.stringify(received) === JSON.stringify(message)) ?? false;
          });
        }
      }),
      { numRuns: 30 },
    );
    for (const { reachability } of members) {
      for (const peer of [1, 2, 3]) {
        const signs = reachability.filter((change) => change.endsWith(String(peer))).map(([sign]) => sign);
        expect(signs).toEqual(signs.map((_, i) => (i % 2 === 0 ? '+' : '-')));
      }
    }
  });
});
