import { defaultRecorderConfig, FlightRecorder, isRuntimeError, readRecording, recordingText } from '@flotilla/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoneMember } from './lone-member.ts';

async function* inPieces(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, { size = 1000, lineMax = 1_000_000 } = {}) {
  const { header, lines } = await readRecording(inPieces(text, size), lineMax);
  const all = [];
  for await (const line of lines) all.push(line);
  return { header, lines: all };
}

function recorded() {
  const recorder = new FlightRecorder({ member: 1 }, { id: 7 }, defaultRecorderConfig);
  const member = new LoneMember(recorder);
  member.lead();
  member.propose(100);
  return { recorder, recording: recorder.snapshot() };
}

const { recorder, recording } = recorded();
const text = [...recordingText(recording)].join('');
const textLines = text.trimEnd().split('\n');

describe('a recording that is read', () => {
  test('is what was written, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (size) => {
        const { header, lines } = await read(text, { size });
        const { member, group, first, state, steps, end } = recording;
        expect(header).toEqual({ member, group, first, state });
        expect(lines).toEqual([...steps.map((step, number) => ({ kind: 'step', number, step })), { kind: 'state', state: end }]);
      }),
      { numRuns: 30 },
    );
  });

  test('ends with the input that the core did not get through', async () => {
    const input = { kind: 'deadline-reached', now: 5, wallTime: Number.NEGATIVE_INFINITY } as const;
    recorder.recordFailure(input, new Error('a defect'));
    const { lines } = await read([...recordingText(recorder.snapshot())].join(''));
    expect(lines.at(-1)).toEqual({ kind: 'failure', number: recording.steps.length, input, error: 'a defect' });
  });

  test('says where it ends in the middle of a line', async () => {
    const { lines } = await read(text.slice(0, -10));
    expect(lines.at(-1)).toEqual({ kind: 'torn', line: textLines.length });
    expect(lines).toHaveLength(recording.steps.length + 1);
  });
});

const header = JSON.parse(textLines[0] ?? '') as { readonly state: object };

function withLine(number: number, line: string): string {
  return `${textLines.with(number - 1, line).join('\n')}\n`;
}

describe('what is no whole recording of this release is refused', () => {
  test.each([
    ['nothing', '', 'recording_foreign', 'line 1'],
    ['some text', 'hello\nworld\n', 'recording_foreign', 'line 1'],
    ['other JSON', '{"level":30,"msg":"member started"}\n', 'recording_foreign', 'line 1'],
    ['a list', '[]\n', 'recording_foreign', 'line 1'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}\n`, 'recording_foreign', 'line 1'],
    ['an older version', withLine(1, JSON.stringify({ ...header, version: 0 })), 'recording_version', 'version 0'],
    ['a newer version', withLine(1, JSON.stringify({ ...header, version: 2 })), 'recording_version', 'version 2'],
    [
      "another release's state",
      withLine(1, JSON.stringify({ ...header, state: { ...header.state, mood: 1 } })),
      'recording_version',
      'has mood',
    ],
    ['a state without its term', withLine(1, JSON.stringify({ ...header, state: {} })), 'recording_version', 'lacks'],
    ['no state', withLine(1, JSON.stringify({ ...header, state: 5 })), 'recording_damaged', 'line 1'],
    ['nobody', withLine(1, JSON.stringify({ ...header, member: 'x' })), 'recording_damaged', 'line 1'],
    ['half a header', (textLines[0] ?? '').slice(0, 50), 'recording_foreign', 'line 1'],
    ['a header and no end of line', textLines[0] ?? '', 'recording_damaged', 'line 1'],
    ['a line of noise', withLine(3, '\u0000\u0001'), 'recording_damaged', 'line 3'],
    ['half a line', withLine(3, textLines[2]?.slice(0, -5) ?? ''), 'recording_damaged', 'line 3'],
    ['a missing line', `${textLines.toSpliced(2, 1).join('\n')}\n`, 'recording_damaged', 'step 2 where step 1 should be'],
    ['broken bytes', text.replace('"$bytes":"', '"$bytes":"!'), 'recording_damaged', 'line'],
    ['an unknown input', withLine(2, '{"step":0,"input":{"kind":"prayed"},"events":[]}'), 'recording_version', '"prayed"'],
    ['an unknown event', withLine(2, '{"step":0,"input":{"kind":"persisted"},"events":[{"kind":"x"}]}'), 'recording_version', '"x"'],
    ['no events', withLine(2, '{"step":0,"input":{"kind":"persisted"}}'), 'recording_damaged', 'line 2'],
    ['a nameless step', withLine(2, '{"input":{"kind":"persisted"},"events":[]}'), 'recording_damaged', 'line 2'],
  ])('%s', async (_, damagedText, code, message) => {
    await expect(read(damagedText)).rejects.toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test('a line that never ends takes no more memory than a line may', async () => {
    let pieces = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        pieces++;
        yield Buffer.alloc(1000, 'x');
      }
    }
    await expect(readRecording(endless(), 10_000)).rejects.toThrow(expect.objectContaining({ code: 'recording_line_too_long' }));
    expect(pieces).toBe(11);
  });

  test('as an error of its own, not of a running host', async () => {
    const error: unknown = await read('x').catch((cause: unknown) => cause);
    expect(isRuntimeError(error)).toBe(false);
  });
});
