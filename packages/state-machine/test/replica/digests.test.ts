import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StateMachine } from '../../src/contract.ts';
import { defineMachine } from '../../src/define-machine.ts';
import { command } from '../../src/handlers.ts';
import { oneVersion } from '../../src/machine-versions.ts';
import { DigestHistory } from '../../src/replica/digest-history.ts';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import type { CommittedRequest } from '../../src/replica/replicated-machine.ts';
import type { GroupRequest } from '../../src/replica/request.ts';
import { encodeRequest } from '../../src/replica/request-codec.ts';
import { StateDigest } from '../../src/replica/state-digest.ts';
import { counterDefinition, tallyDefinition } from './test-log.ts';

/** A machine that does something else at one index: `what` tells the event, a write to its tables, or its state in memory. */
function faulty(definition: typeof counterDefinition | typeof tallyDefinition, at: number): MachineReplica {
  const versions = oneVersion(definition, (space) => {
    const machine = definition.create(space);
    const apply: StateMachine['apply'] = (commands) =>
      machine.apply(commands.map((command) => (command.index === at ? { ...command, payload: spoiled(command.payload) } : command)));
    return Object.assign(Object.create(machine, { space: { value: machine.space } }), {
      apply,
      query: machine.query.bind(machine),
      encode: machine.encode.bind(machine),
      snapshot: machine.snapshot.bind(machine),
      restore: machine.restore.bind(machine),
      version: machine.version,
    });
  });
  return new MachineReplica(versions);
}

/** The last byte is the amount. */
function spoiled(payload: Uint8Array): Uint8Array {
  const bytes = payload.slice();
  bytes[bytes.length - 1] = 99;
  return bytes;
}

class Members {
  readonly replicas: ReadonlyMap<number, MachineReplica>;
  readonly entries: CommittedRequest[] = [];
  #index = 0;

  constructor(...replicas: readonly MachineReplica[]) {
    this.replicas = new Map(replicas.map((replica, at) => [at + 1, replica]));
  }

  async increments(count: number): Promise<void> {
    const [any] = this.replicas.values();
    for (let n = 0; n < count; n++) {
      const payload = await any?.encode({ type: 'increment', input: { by: 1 } });
      if (payload !== undefined) this.append(payload);
    }
  }

  send(request: GroupRequest): void {
    this.append(encodeRequest(request));
  }

  /** Applies what others have. */
  replay({ entries }: Members): void {
    for (const { payload } of entries) this.append(payload);
  }

  report(replica: MachineReplica, member: number): void {
    const report = replica.service.report(member);
    if (report !== null) this.send(report);
  }

  append(payload: Uint8Array): void {
    // Not every entry is one of the machine's.
    this.#index += this.#index % 7 === 0 ? 2 : 1;
    const entry: CommittedRequest = { index: this.#index, term: 1, time: 1000, payload };
    this.entries.push(entry);
    for (const replica of this.replicas.values()) replica.apply([entry]);
  }

  /** Compares all of them, or those who are listed; `silent` ones do not answer. Returns how many rounds it took. */
  compare({ members = [...this.replicas.keys()], silent = [] as readonly number[] } = {}): number {
    this.send({ kind: 'compare-states', members });
    for (let rounds = 0; ; rounds++) {
      const reports = [...this.replicas].flatMap(([member, replica]) => (silent.includes(member) ? [] : [replica.service.report(member)]));
      if (reports.every((report) => report === null)) return rounds;
      for (const report of reports) if (report !== null) this.send(report);
    }
  }

  verdicts(): readonly unknown[] {
    const seen = [...this.replicas.values()].map((replica) =>
      [...this.replicas.keys()].map((member) => replica.service.divergence(member)),
    );
    for (const other of seen) expect(other).toEqual(seen[0]);
    return seen[0] ?? [];
  }
}

const sound = () => new MachineReplica(oneVersion(counterDefinition, () => counterDefinition.create()));

/** Its command fails with these words. */
function broken(words: string): MachineReplica {
  const fails = command(z.object({ by: z.number() }), () => {
    throw new Error(words);
  });
  const definition = defineMachine({ name: 'broken', version: 1, state: () => 0, commands: { increment: fails }, events: {}, queries: {} });
  return new MachineReplica(oneVersion(definition, () => definition.create()));
}

describe('digests', () => {
  it('agree as long as the members do, and tell when another comparison is worth it', async () => {
    const members = new Members(sound(), sound(), sound());
    const [one] = members.replicas.values();
    expect(one?.service.changedSinceComparison).toBe(false);
    await members.increments(20);
    expect(one?.service.changedSinceComparison).toBe(true);
    expect(members.compare()).toBe(1);
    expect(one?.service.changedSinceComparison).toBe(false);
    expect(members.verdicts()).toEqual([null, null, null]);
  });

  it.each([
    ['memory', counterDefinition],
    ['space', tallyDefinition],
  ])('find the first entry that differs, and who differs (%s)', async (_place, definition) => {
    const create = () => faulty(definition, -1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 60 }), async (where, more) => {
        const members = new Members(create(), faulty(definition, where), create());
        await members.increments(280 + more);
        const rounds = members.compare();
        expect(rounds).toBeLessThanOrEqual(4);
        const skipped = skippedIndexes(500).includes(where);
        const divergence = expect.objectContaining({ index: where, agreedIndex: where - 1, members: [2] });
        if (skipped) expect(members.verdicts()).toEqual([null, null, null]);
        else expect(members.verdicts()).toEqual([null, divergence, null]);
      }),
      { numRuns: 15 },
    );
  });

  it('cost few rounds and begin where the members last agreed', async () => {
    const members = new Members(sound(), sound(), faulty(counterDefinition, 3000));
    await members.increments(2000);
    members.compare();
    await members.increments(1000);
    expect(members.compare()).toBeLessThanOrEqual(4);
    expect(members.verdicts()).toEqual([null, null, expect.objectContaining({ index: 3000, agreedIndex: 2999, members: [3] })]);
  });

  it('go on without a member that does not answer, with the next comparison', async () => {
    const members = new Members(sound(), faulty(counterDefinition, 10), sound(), sound(), sound());
    const [one] = members.replicas.values();
    await members.increments(30);
    members.compare({ silent: [4] });
    expect(members.verdicts()).toEqual([null, null, null, null, null]);
    expect(one?.service.changedSinceComparison).toBe(true);
    members.compare({ silent: [4] });
    expect(members.verdicts()).toEqual([null, expect.objectContaining({ index: 10, agreedIndex: 9, members: [2] }), null, null, null]);
    members.compare({ silent: [2, 4] });
    expect(one?.service.changedSinceComparison).toBe(false);
  });

  it('say nothing of who is right as long as those who answer are no majority', async () => {
    const members = new Members(faulty(counterDefinition, 10), sound(), sound());
    await members.increments(30);
    for (let times = 0; times < 3; times++) members.compare({ silent: [3] });
    expect(members.verdicts()).toEqual([null, null, null]);
    members.compare();
    expect(members.verdicts()).toEqual([expect.objectContaining({ index: 10, agreedIndex: 9, members: [1] }), null, null]);
  });

  it.each([
    ['all differ', () => [sound(), faulty(counterDefinition, 10), faulty(counterDefinition, 12)]],
    ['two differ', () => [sound(), faulty(counterDefinition, 10)]],
    ['half differ', () => [sound(), faulty(counterDefinition, 10), sound(), faulty(counterDefinition, 10)]],
  ])('say of nobody that it is wrong where no majority agrees: %s', async (_case, create) => {
    const members = new Members(...create());
    const numbers = [...members.replicas.keys()];
    await members.increments(30);
    const disagreements = () => [...members.replicas.values()].map(({ service }) => service.disagreement);
    for (let times = 0; times < 2; times++) {
      members.compare();
      const found = expect.objectContaining({ index: 10, agreedIndex: 9, members: numbers });
      expect(disagreements()).toEqual(numbers.map(() => found));
      expect(members.verdicts()).toEqual(numbers.map(() => null));
      await members.increments(10);
    }
    const [one, two] = members.replicas.values();
    two?.restore(two.snapshot());
    expect(two?.service.disagreement).toEqual(one?.service.disagreement);
    const corrected = new Members(...numbers.map(sound));
    corrected.replay(members);
    corrected.compare();
    expect([...corrected.replicas.values()].map(({ service }) => service.disagreement)).toEqual(numbers.map(() => null));
  });

  it('claim no more than is known where whoever differs is lost before the entry is found', async () => {
    const members = new Members(sound(), sound(), faulty(counterDefinition, 200));
    await members.increments(100);
    members.compare();
    await members.increments(200);
    members.send({ kind: 'compare-states', members: [1, 2, 3] });
    for (const [member, replica] of [...members.replicas].reverse()) members.report(replica, member);
    members.compare({ silent: [3] });
    members.compare({ silent: [3] });
    const [, , divergence] = members.verdicts() as readonly { index: number; agreedIndex: number }[];
    expect(divergence?.agreedIndex).toBeLessThan(200);
    expect(divergence?.index).toBeGreaterThan(200);
    members.compare();
    expect(members.verdicts()).toEqual([null, null, expect.objectContaining({ index: 200, agreedIndex: 199 })]);
  });

  it('leave out what a rejection says, which may be the words of one version of the platform', async () => {
    const members = new Members(...['x is undefined', 'x is undefined', 'cannot read properties of undefined'].map(broken));
    members.send({ kind: 'open-session', ttlMs: 60_000 });
    const [one] = members.replicas.values();
    const stamp = { session: members.entries[0]?.index ?? 0, sequence: 1, acknowledged: 0 };
    const payload = await one?.encode({ type: 'increment', input: { by: 1 } }, stamp);
    if (payload !== undefined) members.append(payload);
    expect(members.compare()).toBe(1);
    expect(members.verdicts()).toEqual([null, null, null]);
  });

  it('keep a verdict until the member agrees again', async () => {
    const members = new Members(sound(), sound(), faulty(counterDefinition, 10));
    const corrected = new Members(sound(), sound(), sound());
    await members.increments(30);
    members.compare();
    const [, , verdict] = members.verdicts() as readonly { readonly round: number }[];
    expect(verdict).toMatchObject({ index: 10 });
    await members.increments(30);
    members.compare({ members: [1, 2] });
    members.compare({ silent: [3] });
    expect(members.verdicts()).toEqual([null, null, verdict]);
    members.compare();
    const [, , again] = members.verdicts() as readonly { readonly round: number }[];
    expect(again?.round).toBeGreaterThan(verdict?.round ?? 0);
    corrected.replay(members);
    expect(corrected.verdicts()).toEqual([null, null, again]);
    corrected.compare();
    expect(corrected.verdicts()).toEqual([null, null, null]);
  });

  it('ignore reports that nobody asked for', async () => {
    const members = new Members(sound(), sound(), sound());
    await members.increments(3);
    members.send({ kind: 'report-digests', member: 1, round: 1, digests: [7] });
    members.send({ kind: 'compare-states', members: [1, 2] });
    for (const [member, round, digests] of [
      [3, 1, [7]],
      [1, 9, [7]],
      [1, 1, [7, 8]],
    ] as const)
      members.send({ kind: 'report-digests', member, round, digests });
    const [one] = members.replicas.values();
    expect(one?.service.report(3)).toBeNull();
    expect(one?.service.report(1)).not.toBeNull();
    members.compare();
    expect(members.verdicts()).toEqual([null, null, null]);
  });

  it('say what agreed last where those in between are not known any more', async () => {
    const [one, two, three] = [sound(), sound(), faulty(counterDefinition, 20)];
    const members = new Members(one, two, three);
    await members.increments(10);
    members.compare();
    const agreed = 1 + 11 + 1;
    await members.increments(30);
    three.restore(three.snapshot());
    await members.increments(5);
    members.compare();
    const [, , divergence] = members.verdicts() as readonly { index: number; agreedIndex: number }[];
    expect(divergence?.agreedIndex).toBeLessThanOrEqual(agreed);
    expect(divergence?.index).toBeGreaterThan(20);
  });
});

/** Indexes that {@link Members} leaves out. */
function skippedIndexes(max: number): readonly number[] {
  const skipped: number[] = [];
  let index = 0;
  while (index < max) {
    const next = index + (index % 7 === 0 ? 2 : 1);
    if (next - index === 2) skipped.push(index + 1);
    index = next;
  }
  return skipped;
}

describe('a digest', () => {
  it('is a whole number of 53 bits that depends on all it took in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const changed = bytes.slice();
        if (bytes.length > 0) changed[at % bytes.length] = (changed[at % bytes.length] as number) ^ change;
        const [one, other] = [digestOf(bytes), digestOf(changed)];
        expect(Number.isSafeInteger(one) && one > 0).toBe(true);
        expect(one === other).toBe(bytes.length === 0);
        expect(digestOf(new Uint8Array([...bytes, 0]))).not.toBe(one);
      }),
    );
  });

  it('is kept for the last entries only', () => {
    const history = new DigestHistory(4);
    for (const index of [2, 3, 5, 8, 13, 21]) history.push(index, index * 100);
    expect([4, 5, 7, 8, 12, 13, 20, 21, 99].map((index) => history.at(index))).toEqual([0, 500, 500, 800, 800, 1300, 1300, 2100, 2100]);
    expect(new DigestHistory().at(5)).toBe(0);
  });
});

function digestOf(bytes: Uint8Array): number {
  const digest = new StateDigest();
  digest.bytes(bytes);
  return digest.value;
}
