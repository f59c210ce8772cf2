import { beforeEach, describe, expect, test } from 'vitest';
import { numbered } from '../testing/index.ts';
import type { GroupMessage } from '../transport.ts';
import { MemoryNetwork } from './memory-network.ts';
import type { MemoryTransport } from './memory-transport.ts';

describe('MemoryNetwork', () => {
  let tasks: (() => void)[];
  let network: MemoryNetwork;
  let one: MemoryTransport;
  let two: MemoryTransport;
  let told: string[];
  let received: { to: number; from: number; messages: readonly GroupMessage[] }[];

  beforeEach(async () => {
    tasks = [];
    received = [];
    told = [];
    network = new MemoryNetwork({ schedule: (task) => tasks.push(task) });
    one = await join(1);
    two = await join(2);
  });

  async function join(member: number): Promise<MemoryTransport> {
    const transport = network.transport(member);
    transport.setPeers({ addresses: new Map([1, 2, 3].map((id) => [id, `member ${id}`])), highestId: 3 });
    await transport.start(
      (from, messages) => received.push({ to: member, from, messages }),
      (peer, reachable) => told.push(`${member} ${reachable ? '+' : '-'}${peer}`),
    );
    return transport;
  }

  function runTasks(): void {
    for (const task of tasks.splice(0)) task();
  }

  test('delivers when its scheduler says so, and what was sent until then together', () => {
    expect(one.send(2, [numbered(1)])).toBe(true);
    expect(one.send(2, [numbered(2), numbered(3)])).toBe(true);
    expect(received).toEqual([]);
    runTasks();
    expect(received).toEqual([{ to: 2, from: 1, messages: [numbered(1), numbered(2), numbered(3)] }]);
  });

  test('a sender may reuse its buffer at once', () => {
    const payload = Uint8Array.of(1, 2, 3);
    one.send(2, [{ group: 1, message: { kind: 'propose', id: 1, payloads: [payload] } }]);
    payload.fill(9);
    runTasks();
    expect(received[0]?.messages[0]?.message).toEqual({ kind: 'propose', id: 1, payloads: [Uint8Array.of(1, 2, 3)] });
  });

  test('a cut loses what is on its way, until it is healed', () => {
    one.send(2, [numbered(1)]);
    network.cut(2, 1);
    expect(one.send(2, [numbered(2)])).toBe(false);
    expect(two.send(1, [numbered(3)])).toBe(false);
    runTasks();
    expect(received).toEqual([]);
    network.heal(1, 2);
    expect(one.send(2, [numbered(4)])).toBe(true);
    runTasks();
    expect(received).toEqual([{ to: 2, from: 1, messages: [numbered(4)] }]);
  });

  test('a one-way cut leaves the other direction alone', () => {
    network.cutOneWay(1, 2);
    expect(one.send(2, [numbered(1)])).toBe(false);
    expect(two.send(1, [numbered(2)])).toBe(true);
    network.healAll();
    expect(one.send(2, [numbered(3)])).toBe(true);
  });

  test('a member that is down neither sends nor receives', async () => {
    const three = await join(3);
    one.send(2, [numbered(1)]);
    two.send(1, [numbered(2)]);
    three.send(1, [numbered(3)]);
    network.takeDown(2);
    expect(one.send(2, [numbered(4)])).toBe(false);
    expect(two.send(1, [numbered(5)])).toBe(false);
    runTasks();
    expect(received).toEqual([{ to: 1, from: 3, messages: [numbered(3)] }]);
    network.bringUp(2);
    expect(one.send(2, [numbered(6)])).toBe(true);
  });

  test('tells who is reachable when its scheduler says so, and not what changed back before', () => {
    expect(told).toEqual([]);
    runTasks();
    expect(told.splice(0)).toEqual(['1 +2', '2 +1']);
    network.cut(1, 2);
    network.heal(1, 2);
    runTasks();
    expect(told).toEqual([]);
    network.cutOneWay(2, 1);
    runTasks();
    expect(told.splice(0)).toEqual(['2 -1']);
    network.takeDown(1);
    runTasks();
    expect(told.splice(0)).toEqual(['1 -2']);
    network.healAll();
    network.bringUp(1);
    runTasks();
    expect(told).toEqual(['1 +2', '2 +1']);
  });

  test('a drop rule loses single messages without anybody noticing', () => {
    const removeRule = network.dropWhere((from, to, { message }) => from === 1 && to === 2 && message.kind === 'heartbeat');
    const heartbeat: GroupMessage = { group: 1, message: { kind: 'heartbeat', term: 1, commit: 0, round: 1, quiesce: false } };
    expect(one.send(2, [heartbeat, numbered(1)])).toBe(true);
    runTasks();
    removeRule();
    one.send(2, [heartbeat]);
    runTasks();
    expect(received.map(({ messages }) => messages)).toEqual([[numbered(1)], [heartbeat]]);
  });
});
