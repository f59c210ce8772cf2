import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingDirectory, recordingText } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exitCodeOf, exitCodes } from '../../src/exit-code.ts';
import { replay } from '../../src/replay/replay.ts';
import type { ReplayFlags } from '../../src/replay/replay-options.ts';
import { eventfulRun } from './recorded-run.ts';

const recording = eventfulRun().recorder(2).snapshot();

let directory = '';
let output = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-replay-'));
  output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

/** What the command fails with, and its exit code. */
async function failureOf(name: string, flags: ReplayFlags = {}) {
  const error: unknown = await replay(join(directory, name), flags).catch((cause: unknown) => cause);
  return { error, exitCode: exitCodeOf(error) };
}

describe('flotilla replay', () => {
  test('prints a file and ends well', async () => {
    await recordingDirectory(directory).replace('flight-1.jsonl', recordingText(recording));
    await replay(join(directory, 'flight-1.jsonl'), {});
    expect(output).toMatch(/^member 2 of group 1, from step 0 on\n/);
    expect(output).toContain(`\nplayed ${recording.steps.length} steps (#0 to #${recording.steps.length - 1})\n`);
    expect(output).not.toContain('\u001b');
  });

  test('fails where something does not come out as recorded, after it has shown what', async () => {
    const steps = recording.steps.with(5, {
      input: { kind: 'persisted', sequence: 99, now: 1, wallTime: 1 },
      events: recording.steps[5]?.events ?? [],
    });
    await recordingDirectory(directory).replace('flight-1.jsonl', recordingText({ ...recording, steps }));
    expect(await failureOf('flight-1.jsonl')).toMatchObject({ error: { code: 'replay_mismatch' }, exitCode: exitCodes.failure });
    expect(output).toMatch(/step 5: the events did not come out as recorded\n {2}input {5}persisted sequence=99\n {2}expected {2}/);
  });

  test('fails where the file is damaged, after it has shown what comes before', async () => {
    const lines = [...recordingText(recording)].with(4, '{"step":3,"inp\n');
    await recordingDirectory(directory).replace('flight-1.jsonl', lines);
    expect(await failureOf('flight-1.jsonl')).toMatchObject({
      error: { code: 'recording_damaged', message: expect.stringContaining('line 5'), hint: expect.stringContaining('--to') },
      exitCode: exitCodes.failure,
    });
    expect(output).toMatch(/^#2 /m);
    output = '';
    await replay(join(directory, 'flight-1.jsonl'), { to: '2' });
    expect(output).toContain('played 3 steps (#0 to #2)');
  });

  test('says what to do with another file', async () => {
    await writeFile(join(directory, 'log.txt'), 'member started\n');
    expect(await failureOf('log.txt')).toMatchObject({
      error: { code: 'recording_foreign', hint: expect.stringContaining('flight-1.jsonl') },
    });
    expect(await failureOf('.')).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('is no file') },
      exitCode: exitCodes.usage,
    });
    expect(await failureOf('none')).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('ENOENT') },
      exitCode: exitCodes.usage,
    });
  });

  test('says where the recording begins to who asks for less', async () => {
    const later = { ...recording, first: 1000 };
    await recordingDirectory(directory).replace('flight-1.jsonl', recordingText(later));
    expect(await failureOf('flight-1.jsonl', { to: '10' })).toMatchObject({
      error: { code: 'usage', hint: expect.stringContaining('begins with step 1000') },
    });
  });

  test('says where the recording ends to who asks for more', async () => {
    await recordingDirectory(directory).replace('flight-1.jsonl', recordingText(recording));
    expect(await failureOf('flight-1.jsonl', { from: '5000' })).toMatchObject({
      error: { code: 'usage', hint: expect.stringContaining(`ends with step ${recording.steps.length - 1}`) },
    });
  });
});
