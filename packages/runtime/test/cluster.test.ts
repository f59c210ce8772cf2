import type { LogStore } from '@flotilla/storage';
import { MemoryStateStore } from '@flotilla/storage/memory';
import { describe, expect, test, vi } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

describe('a cluster on virtual time', () => {
  test('takes commands on any member and answers with the outcome of the slot', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    for (const id of cluster.running) {
      const { outcome, index } = await cluster.settled(cluster.group(id).execute(add(id)));
      expect(outcome).toEqual({ kind: 'accepted', reply: id, events: [{ type: 'added', data: id }] });
      expect(index).toBe(id + 1);
    }
  });

  test('serves linearizable reads on every member that see each acknowledged write', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    for (let i = 1; i <= 5; i++) {
      await cluster.settled(cluster.group((i % 3) + 1).execute(add(i)));
      for (const id of cluster.running) {
        const { result } = await cluster.settled(cluster.group(id).query('all', null));
        expect(result).toHaveLength(i);
      }
    }
  });

  test('a member without a leader turns calls away as not applied', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    for (const id of [1, 2, 3]) cluster.crash(id);
    await cluster.start(1);
    const call = { code: 'no_leader', outcome: 'not-applied' };
    await expect(cluster.settled(cluster.group(1).execute(add(1)))).rejects.toMatchObject(call);
    await expect(cluster.settled(cluster.group(1).query('all', null))).rejects.toMatchObject(call);
    expect(await cluster.settled(cluster.group(1).query('all', null, { consistency: 'stale' }))).toMatchObject({ result: [] });
  });

  test('another leader follows when the leader is lost, and everything acknowledged is still there', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const first = await cluster.elect();
    await cluster.settled(cluster.group(first).execute(add(1)));
    cluster.crash(first);
    await cluster.time.until('there is another leader', () => cluster.leader() !== null && cluster.leader() !== first);
    const second = await cluster.elect();
    await cluster.settled(cluster.group(second).execute(add(2)));
    await cluster.start(first);
    await cluster.elect();
    const { result } = await cluster.settled(cluster.group(first).query('all', null));
    expect(result).toEqual([1, 2]);
  });

  test('a restart of all members brings the log back', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    for (let i = 1; i <= 20; i++) await cluster.settled(cluster.group(1).execute(add(i)));
    for (const id of cluster.running) cluster.crash(id);
    await cluster.startAll();
    await cluster.elect();
    const { result } = await cluster.settled(cluster.group(2).query('all', null));
    expect(result).toHaveLength(20);
  });

  test('a command that was forwarded to a leader that dies is unknown, and may have landed', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    const follower = cluster.running.find((id) => id !== leader) ?? 0;
    cluster.lose = (from, _to, message) => from === leader && message.kind === 'propose-reply';
    const call = cluster.group(follower).execute(add(1));
    await cluster.time.pass(50);
    cluster.crash(leader);
    await expect(cluster.settled(call)).rejects.toMatchObject({ code: 'leadership_lost', outcome: 'unknown' });
  });

  test('a command that nobody answers runs into its deadline as unknown', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    cluster.lose = (_from, _to, message) => message.kind === 'append-accepted';
    const call = cluster.group(leader).execute(add(1), { timeoutMs: 300 });
    await expect(cluster.settled(call)).rejects.toMatchObject({ code: 'timeout', outcome: 'unknown' });
    cluster.lose = () => false;
    await cluster.time.until('the command lands after all', () => cluster.group(leader).status().appliedIndex === 2);
    const { result } = await cluster.settled(cluster.group(leader).query('all', null));
    expect(result).toEqual([1]);
  });

  test('an abandoned call is told apart by whether anybody saw it', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    const early = new AbortController();
    early.abort();
    await expect(cluster.group(leader).execute(add(1), { signal: early.signal })).rejects.toMatchObject({ outcome: 'not-applied' });
    const late = new AbortController();
    const call = cluster.group(leader).execute(add(2), { signal: late.signal });
    await cluster.time.pass(1);
    late.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted', outcome: 'unknown' });
  });

  test('refuses what exceeds the limits at once', async () => {
    const cluster = new VirtualCluster({ machine, limits: { pendingCommandsMax: 2, payloadBytesMax: 64 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    const group = cluster.group(leader);
    const calls = [1, 2, 3].map((i) => group.execute(add(i)));
    await expect(calls[2]).rejects.toMatchObject({ code: 'overloaded', outcome: 'not-applied' });
    await expect(group.execute({ type: 'add', input: 'x'.repeat(100) })).rejects.toMatchObject({ code: 'payload_too_large' });
    await cluster.settled(Promise.all(calls.slice(0, 2)));
    await cluster.settled(group.execute(add(4)));
  });

  test('a leader that takes no more reads says so, also to the readers of another member', async () => {
    const cluster = new VirtualCluster({ machine, raft: { pendingReadsMax: 1 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    const follower = cluster.running.find((id) => id !== leader) ?? 0;
    cluster.lose = (_from, _to, message) => message.kind === 'heartbeat-reply';
    const first = cluster.group(leader).query('all', null);
    await cluster.time.pass(1);
    await expect(cluster.settled(cluster.group(follower).query('all', null))).rejects.toMatchObject({ code: 'overloaded' });
    cluster.lose = () => false;
    await cluster.settled(first);
  });

  test('a leader whose disk stalls takes a bounded number of commands, whether or not their callers still wait', async () => {
    const stalled = (store: LogStore): LogStore => ({
      recover: (group) => store.recover(group),
      write: (writes) =>
        writes.some(({ entries }) => entries.some(({ kind }) => kind === 'command')) ? new Promise(() => {}) : store.write(writes),
      read: (group, from, to, bytesMax) => store.read(group, from, to, bytesMax),
      close: () => store.close(),
    });
    const cluster = new VirtualCluster({ machine, wrapLogStore: stalled, raft: { uncommittedEntriesMax: 5 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    const codes = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const call = cluster.group(leader).execute(add(i), { timeoutMs: 10 });
      await cluster.settled(call).catch(({ code }) => codes.add(code));
    }
    expect([...codes].sort()).toEqual(['overloaded', 'timeout']);
    expect(cluster.group(leader).status().lastIndex).toBeLessThanOrEqual(6);
    // It costs the leadership, too: nothing can be committed there.
    await cluster.time.until('it leads no more', () => cluster.group(leader).status().role !== 'leader', 1500);
  });

  test('no single write is so large that the disk would seem to stand still', async () => {
    const sizes: number[] = [];
    const watched = (store: LogStore): LogStore => ({
      recover: (group) => store.recover(group),
      write: (writes) => {
        sizes.push(writes.flatMap(({ entries }) => entries).reduce((sum, { payload }) => sum + payload.length, 0));
        return store.write(writes);
      },
      read: (group, from, to, bytesMax) => store.read(group, from, to, bytesMax),
      close: () => store.close(),
    });
    const cluster = new VirtualCluster({ machine, wrapLogStore: watched, limits: { offeredBytesMax: 2 ** 26 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    const mebibyte = 'x'.repeat(2 ** 20);
    await cluster.settled(
      Promise.all(Array.from({ length: 20 }, () => cluster.group(leader).execute({ type: 'refuse', input: mebibyte }))),
    );
    expect(sizes.filter((size) => size > 2 ** 20).length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(6 * 2 ** 20);
  });

  test('a failed write ends the member and its calls', async () => {
    const failing = new Set<number>();
    const wrapLogStore = (store: LogStore, member: number): LogStore => ({
      recover: (group) => store.recover(group),
      write: (writes) => (failing.has(member) ? Promise.reject(new Error('EIO')) : store.write(writes)),
      read: (group, from, to, bytesMax) => store.read(group, from, to, bytesMax),
      close: () => store.close(),
    });
    const cluster = new VirtualCluster({ machine, wrapLogStore });
    await cluster.startAll();
    const leader = await cluster.elect();
    const reasons: unknown[] = [];
    cluster.slot(leader).host?.onFailure((reason) => reasons.push(reason));
    failing.add(leader);
    await expect(cluster.settled(cluster.group(leader).execute(add(1)))).rejects.toMatchObject({
      code: 'member_failed',
      outcome: 'unknown',
    });
    expect(reasons).toMatchObject([{ message: 'EIO' }]);
    await expect(cluster.group(leader).execute(add(2))).rejects.toMatchObject({ outcome: 'not-applied' });
  });

  test('a state store that has failed ends the member at the next entry to be applied', async () => {
    const cluster = new VirtualCluster({ machine, members: 1 });
    await cluster.startAll();
    await cluster.elect();
    const reasons: unknown[] = [];
    cluster.slot(1).host?.onFailure((reason) => reasons.push(reason));
    await cluster.settled(cluster.group(1).execute(add(1)));
    const staged = vi.spyOn(MemoryStateStore.prototype, 'stagedBytes').mockImplementation(() => {
      throw new Error('EIO');
    });
    await expect(cluster.settled(cluster.group(1).execute(add(2)))).rejects.toMatchObject({ code: 'member_failed', outcome: 'unknown' });
    staged.mockRestore();
    expect(reasons).toMatchObject([{ message: 'EIO' }]);
  });

  test('a member that stops while it still has entries to apply stops without a failure', async () => {
    const cluster = new VirtualCluster({ machine, members: 1, limits: { applyEntriesMax: 1 } });
    await cluster.startAll();
    await cluster.elect();
    await cluster.settled(Promise.all(Array.from({ length: 20 }, (_, i) => cluster.group(1).execute(add(i)))));
    cluster.crash(1);
    const host = await cluster.start(1);
    const reasons: unknown[] = [];
    let completed = false;
    host.onFailure((reason) => reasons.push(reason));
    cluster.group(1).applied$.subscribe({ complete: () => (completed = true) });
    await cluster.time.until('some entries are applied again', () => cluster.group(1).status().appliedIndex === 5);
    await cluster.settled(host.stop());
    await cluster.time.pass(1000);
    expect({ reasons, completed }).toEqual({ reasons: [], completed: true });
    expect(cluster.group(1).status().appliedIndex).toBeLessThan(20);
  });

  test('a machine that throws while it applies ends the member', async () => {
    const cluster = new VirtualCluster({ machine, members: 1 });
    await cluster.startAll();
    await cluster.elect();
    const call = cluster.group(1).execute({ type: 'explode', input: null });
    await expect(cluster.settled(call)).rejects.toMatchObject({ code: 'member_failed' });
  });

  test.each([
    { entryMs: 5, slicesMin: 60, slicesMax: 200 },
    { entryMs: 0, slicesMin: 1, slicesMax: 10 },
  ])('entries that take $entryMs ms are applied in slices that leave time for consensus', async ({ entryMs, slicesMin, slicesMax }) => {
    let spend = (_ms: number) => {};
    class BusyMachine extends AddingMachine {
      override apply(commands: Parameters<AddingMachine['apply']>[0]) {
        spend(entryMs * commands.length);
        return super.apply(commands);
      }
    }
    const cluster = new VirtualCluster({ machine: () => new BusyMachine(), members: 1 });
    await cluster.startAll();
    await cluster.elect();
    await cluster.settled(Promise.all(Array.from({ length: 500 }, (_, i) => cluster.group(1).execute(add(i)))));
    cluster.crash(1);
    spend = (ms) => cluster.time.spend(ms);
    await cluster.start(1);
    let slices = 0;
    cluster.group(1).applied$.subscribe(() => slices++);
    await cluster.time.until('all is applied again', () => cluster.group(1).status().appliedIndex >= 501);
    expect(slices).toBeGreaterThanOrEqual(slicesMin);
    expect(slices).toBeLessThanOrEqual(slicesMax);
  });

  test('a follower that was away catches up over many entries, in limited messages', async () => {
    const cluster = new VirtualCluster({
      machine,
      raft: { appendEntriesMax: 16, inflightEntriesMax: 64, appendBytesMax: 64, inflightBytesMax: 256 },
      limits: { tailEntriesMax: 8 },
    });
    await cluster.startAll();
    const leader = await cluster.elect();
    const away = cluster.running.find((id) => id !== leader) ?? 0;
    cluster.crash(away);
    const calls = Array.from({ length: 500 }, (_, i) => cluster.group(leader).execute(add(i)));
    await cluster.settled(Promise.all(calls));
    await cluster.start(away);
    await cluster.time.until('the member has caught up', () => cluster.group(away).status().appliedIndex === 501);
  });
});
