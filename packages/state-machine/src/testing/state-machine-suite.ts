import { describe, expect, it } from 'vitest';
import type { Command, CommittedCommand, MachineEvent, Outcome, StateMachine } from '../contract.ts';
import { isMachineError } from '../machine-error.ts';

/** What the suite needs to know of a machine. */
export interface StateMachineFixture {
  /** A fresh machine in its initial state. */
  create(): StateMachine;
  /** Commands in a sensible order, at least three: together they should cause every kind of event and every rejection. */
  readonly commands: readonly Command[];
  /** Commands that `encode` must refuse with `invalid_input`. */
  readonly invalid?: readonly Command[];
  /** Reads that must answer in every state. */
  readonly queries?: readonly { readonly type: string; readonly input: unknown }[];
}

const unknownName = 'no such name';
// 0xc1 is the one byte that MessagePack never uses; other codecs refuse it as the lone start of something longer.
const undecodable = Uint8Array.of(0xc1);

/** The conformance suite of the {@link StateMachine} port: call it once in the test file of an implementation. */
export function testStateMachine(name: string, fixture: StateMachineFixture): void {
  describe(`state machine ${name}`, () => {
    describe('is deterministic', () => testDeterminism(fixture));
    describe('snapshots', () => testSnapshots(fixture));
    describe('is total', () => testTotality(fixture));
    describe('keeps its state to itself', () => testIsolation(fixture));
    describe('encodes commands', () => testEncoding(fixture));
  });
}

function testDeterminism(fixture: StateMachineFixture): void {
  it('gives the same outcomes and the same snapshot bytes for the same commands', async () => {
    const log = await logOf(fixture);
    const [one, other] = [fixture.create(), fixture.create()];
    expect(one.apply(log)).toEqual(other.apply(log));
    expect(one.snapshot()).toEqual(other.snapshot());
  });

  it('does not care how the log is cut into batches', async () => {
    const log = await logOf(fixture);
    const [whole, single] = [fixture.create(), fixture.create()];
    expect(log.flatMap((command) => single.apply([command]))).toEqual(whole.apply(log));
    expect(single.snapshot()).toEqual(whole.snapshot());
  });

  it('gives one outcome for each command', async () => {
    const log = await logOf(fixture);
    expect(fixture.create().apply(log)).toHaveLength(log.length);
    expect(fixture.create().apply([])).toEqual([]);
  });
}

function testSnapshots(fixture: StateMachineFixture): void {
  it('go on after a restore as if nothing had happened, from every point of the log', async () => {
    const log = await logOf(fixture);
    for (let cut = 0; cut <= log.length; cut++) {
      const [original, restored] = [fixture.create(), fixture.create()];
      original.apply(log.slice(0, cut));
      restored.restore(original.snapshot());
      expect(restored.snapshot(), `snapshot restored after ${cut} commands`).toEqual(original.snapshot());
      expect(restored.apply(log.slice(cut))).toEqual(original.apply(log.slice(cut)));
      expect(restored.snapshot()).toEqual(original.snapshot());
      expect(answers(fixture, restored)).toEqual(answers(fixture, original));
    }
  });

  it('replace whatever the machine held before', async () => {
    const log = await logOf(fixture);
    const machine = fixture.create();
    machine.apply(log);
    machine.restore(fixture.create().snapshot());
    expect(machine.snapshot()).toEqual(fixture.create().snapshot());
    expect(machine.apply(log)).toEqual(fixture.create().apply(log));
  });

  it('are refused where their bytes are none, and the state stays', async () => {
    const machine = fixture.create();
    machine.apply(await logOf(fixture));
    const before = machine.snapshot();
    expect(codeOf(() => machine.restore(undecodable))).toBe('malformed_payload');
    expect(machine.snapshot()).toEqual(before);
  });
}

function testTotality(fixture: StateMachineFixture): void {
  it('rejects a payload that is no command and changes nothing', async () => {
    const log = await logOf(fixture);
    const machine = fixture.create();
    machine.apply(log);
    const before = machine.snapshot();
    const [outcome] = machine.apply([{ index: log.length + 1, term: 1, time: 0, payload: undecodable }]);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'malformed_payload' });
    expect(machine.snapshot()).toEqual(before);
  });

  it('changes nothing where it rejects', async () => {
    const machine = fixture.create();
    for (const command of await logOf(fixture)) {
      const before = machine.snapshot();
      const [outcome] = machine.apply([command]);
      if (outcome?.kind === 'rejected') expect(machine.snapshot()).toEqual(before);
    }
  });

  it('refuses a query that it does not know', () => {
    expect(codeOf(() => fixture.create().query(unknownName, undefined))).toBe('unknown_query');
  });
}

function testIsolation(fixture: StateMachineFixture): void {
  it('shares nothing with its outcomes', async () => {
    const log = await logOf(fixture);
    const [tampered, untouched] = [fixture.create(), fixture.create()];
    for (const command of log) {
      for (const outcome of tampered.apply([command])) scribble(partsOf(outcome));
      untouched.apply([command]);
      expect(tampered.snapshot()).toEqual(untouched.snapshot());
    }
  });

  it('shares nothing with its answers, payloads and snapshots', async () => {
    const log = await logOf(fixture);
    const machine = fixture.create();
    machine.apply(log);
    const before = machine.snapshot();
    for (const answer of answers(fixture, machine)) scribble(answer);
    for (const { payload } of log) payload.fill(0);
    machine.snapshot().fill(0);
    expect(machine.snapshot()).toEqual(before);
    const restored = fixture.create();
    const snapshot = before.slice();
    restored.restore(snapshot);
    snapshot.fill(0);
    expect(restored.snapshot()).toEqual(before);
  });
}

function testEncoding(fixture: StateMachineFixture): void {
  it('so that they can be read back and encode alike again', async () => {
    const machine = fixture.create();
    for (const command of fixture.commands) {
      const payload = await machine.encode(command);
      expect(machine.decode(payload).type).toBe(command.type);
      expect(await fixture.create().encode(command)).toEqual(payload);
    }
    expect(codeOf(() => machine.decode(undecodable))).toBe('malformed_payload');
  });

  it('and refuses unknown commands and bad input before they reach the log', async () => {
    const machine = fixture.create();
    await expect(machine.encode({ type: unknownName, input: {} })).rejects.toMatchObject({ code: 'unknown_command' });
    for (const command of fixture.invalid ?? [])
      await expect(machine.encode(command), JSON.stringify(command)).rejects.toMatchObject({ code: 'invalid_input' });
  });
}

async function logOf(fixture: StateMachineFixture): Promise<readonly CommittedCommand[]> {
  const machine = fixture.create();
  const payloads = await Promise.all(fixture.commands.map((command) => machine.encode(command)));
  return payloads.map((payload, position) => ({ index: position + 1, term: 1 + (position >> 1), time: 1000 * position, payload }));
}

function answers(fixture: StateMachineFixture, machine: StateMachine): readonly unknown[] {
  return (fixture.queries ?? []).map(({ type, input }) => machine.query(type, input));
}

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return isMachineError(error) ? error.code : String(error);
  }
}

function partsOf(outcome: Outcome): readonly unknown[] {
  return outcome.kind === 'accepted' ? [outcome.reply, ...outcome.events.map(({ data }: MachineEvent) => data)] : [outcome.details];
}

/** Spoils whatever can be changed in a value. */
function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  if (value instanceof Uint8Array) {
    value.fill(0xff);
    return;
  }
  if (value instanceof Map || value instanceof Set) {
    value.forEach(scribble);
    value.clear();
    return;
  }
  for (const item of Object.values(value)) scribble(item);
  if (Array.isArray(value)) value.length = 0;
  else for (const key of Object.keys(value)) Reflect.deleteProperty(value, key);
}
