import { type Recording, readRecording, recordingText } from '@flotilla/runtime';
import { describe, expect, test } from 'vitest';
import { JsonReport } from '../../src/replay/json-report.ts';
import { play } from '../../src/replay/replay.ts';
import { type ReplayFlags, replayOptions } from '../../src/replay/replay-options.ts';
import { TextReport } from '../../src/replay/text-report.ts';
import { eventfulRun, RecordedRun } from './recorded-run.ts';

async function replayed(text: Iterable<string>, flags: ReplayFlags = {}) {
  async function* bytes() {
    for (const piece of text) yield Buffer.from(piece);
  }
  const options = replayOptions(flags);
  const report = options.json ? new JsonReport(options) : new TextReport({ colour: false, effects: options.effects, width: 200 });
  const told: string[] = [];
  const summary = await play(await readRecording(bytes()), options, report, async (lines) => void told.push(lines));
  return { summary, output: told.join('\n') };
}

const run = eventfulRun();
const recording = run.recorder(1).snapshot();

function withStep(number: number, change: (step: Recording['steps'][number]) => Recording['steps'][number]): Recording {
  return { ...recording, steps: recording.steps.map((step, i) => (i === number ? change(step) : step)) };
}

describe('a recording that is played again', () => {
  test.each([1, 2, 3])('comes out as recorded: member %i', async (id) => {
    const whole = run.recorder(id).snapshot();
    const { summary, output } = await replayed(recordingText(whole));
    expect(summary).toMatchObject({ played: whole.steps.length, mismatch: null, confirmed: 1, torn: false, state: whole.end });
    expect(output).toContain('every decision came out as it was recorded');
    expect(output).toContain("the state at the end is the member's own");
  });

  test('shows inputs, events and what they changed', async () => {
    const { output } = await replayed(recordingText(recording));
    expect(output).toContain('member 1 of group 1, from step 0 on');
    expect(output).toMatch(/#\d+ {2}\+\d\.\d{3} s {2}received from=2 append-accepted term=1 matchIndex=3/);
    expect(output).toContain('    + entries-appended entries=2-3@1 command (9 bytes)');
    expect(output).toMatch(/ {6}role\.progress\[2\]\.matchIndex 1 → 3/);
    expect(output).toMatch(/ {6}commitIndex 1 → 3/);
    expect(output).not.toContain('    > ');
  });

  test('shows also what was to be done, where asked', async () => {
    const { output } = await replayed(recordingText(recording), { effects: true });
    expect(output).toMatch(/ {4}> apply through=3/);
  });

  test('shows only what is asked for, and plays the rest', async () => {
    const { summary, output } = await replayed(recordingText(recording), { only: 'became-leader,read-index' });
    expect(summary).toMatchObject({ played: recording.steps.length, shown: 2, mismatch: null });
    expect(output).toContain('+ became-leader');
    expect(output).toContain('received from=3 read-index');
  });

  test('shows a range, and ends with it', async () => {
    const { summary, output } = await replayed(recordingText(recording), { from: '3', to: '5' });
    expect(summary).toMatchObject({ played: 6, shown: 3, range: { first: 0, last: 5 } });
    expect(output.match(/^#\d+/gm)).toEqual(['#3', '#4', '#5']);
  });

  test('as JSON is one object on each line', async () => {
    const { output } = await replayed(recordingText(recording), { json: true, effects: true });
    const lines = output.split('\n').map((line): { readonly kind: string } => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual(['recording', ...recording.steps.map(() => 'step'), 'summary']);
    expect(lines.at(1)).toMatchObject({
      step: 0,
      input: { kind: 'deadline-reached' },
      changes: expect.any(Array),
      effects: expect.any(Array),
    });
    expect(lines.at(-1)).toMatchObject({ ok: true, played: recording.steps.length });
  });

  test('may begin long after the member did', async () => {
    const long = new RecordedRun({ stepsMax: 160 });
    long.wake(1);
    for (let i = 0; i < 100; i++) long.propose(1, `command ${i}`);
    const rest = long.recorder(1).snapshot();
    expect(rest.first).toBeGreaterThan(100);
    expect((await replayed(recordingText(rest))).summary).toMatchObject({ mismatch: null, confirmed: 1 });
  });

  test('says where its writing was interrupted', async () => {
    const text = [...recordingText(recording)].slice(0, 4);
    const { summary, output } = await replayed([...text.slice(0, 3), text[3]?.slice(0, -20) ?? '']);
    expect(summary).toMatchObject({ played: 2, torn: true, mismatch: null });
    expect(output).toContain('ends in the middle of a line');
  });

  test('cannot write control characters to a terminal', async () => {
    const odd = new RecordedRun();
    odd.wake(1);
    odd.propose(1, '\u001b[2Jahoy');
    const text = [...recordingText(odd.recorder(1).snapshot())].map((line) => line.replaceAll('127.0.0.1:7001', '\\u001b[2J'));
    const { output } = await replayed(text, { effects: true });
    expect(output.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('what does not come out as recorded is told', () => {
  const appended = recording.steps.findIndex(({ input }) => input.kind === 'proposed');

  test('an event that the core would not decide', async () => {
    const text = recordingText(withStep(appended, ({ input, events }) => ({ input, events: events.slice(1) })));
    const { summary, output } = await replayed(text);
    expect(summary).toMatchObject({ played: appended, mismatch: { number: appended, what: 'the events' } });
    expect(output).toContain(`step ${appended}: the events did not come out as recorded`);
    expect(output).toMatch(/ {2}got {7}entries-appended/);
  });

  test('an input that did not come', async () => {
    const text = recordingText(withStep(appended, ({ input, events }) => ({ input: { ...input, wallTime: 5 }, events })));
    expect((await replayed(text)).summary.mismatch).toMatchObject({ number: appended, what: 'the events' });
  });

  test('another state at the end', async () => {
    const { summary, output } = await replayed(recordingText({ ...recording, end: { ...recording.end, term: 99 } }));
    expect(summary.mismatch).toMatchObject({ number: recording.steps.length - 1, what: "the member's state" });
    expect(output).toContain('term = 99');
  });

  test('another state at the beginning', async () => {
    const { summary } = await replayed(recordingText({ ...recording, state: { ...recording.state, term: 7 } }));
    expect(summary.mismatch).not.toBeNull();
  });

  test('an input that the core cannot take', async () => {
    const broken = recordingText(withStep(appended, ({ input, events }) => ({ input: { ...input, payloads: 5 } as never, events })));
    const { summary } = await replayed(broken);
    expect(summary.mismatch).toMatchObject({ number: appended, what: 'what the core makes of it', got: expect.any(String) });
  });

  test('as JSON, with both sides', async () => {
    const text = recordingText(withStep(appended, ({ input }) => ({ input, events: [] })));
    const lines = (await replayed(text, { json: true })).output.split('\n').map((line): object => JSON.parse(line));
    expect(lines.at(-2)).toMatchObject({ kind: 'mismatch', number: appended, expected: [], got: expect.any(Array) });
    expect(lines.at(-1)).toMatchObject({ kind: 'summary', ok: false });
  });
});

describe('an input that the core did not get through', () => {
  /** No member takes in such a thing: the core throws on it. */
  const input = { kind: 'proposed', id: 1, payloads: null, now: 10_000, wallTime: 10_000 } as never;

  test('is a mismatch where it fails in another way, and none where it fails again', async () => {
    const { mismatch } = (await replayed(recordingText({ ...recording, failure: { input, error: 'something else' } }))).summary;
    expect(mismatch).toMatchObject({ number: recording.steps.length, what: 'the failure', expected: 'something else' });
    const error = String(mismatch?.got);
    expect(error).toContain('null');
    const { summary, output } = await replayed(recordingText({ ...recording, failure: { input, error } }));
    expect(summary.mismatch).toBeNull();
    expect(output).toContain(`fails, as it did then: ${error}`);
  });
});

describe('wrong flags', () => {
  test.each([
    [{ from: 'x' }, '--from x is not a whole number'],
    [{ from: '5', to: '4' }, '--to 4 comes before --from 5'],
    [{ only: 'became-king' }, '--only became-king is no kind'],
  ])('%j', (flags, message) => {
    expect(() => replayOptions(flags)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }));
  });
});
