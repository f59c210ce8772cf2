import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelNames } from '@flotilla/simulator';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CheckFlags, check } from '../../src/check/check.ts';
import { checkedModels } from '../../src/check/check-command.ts';
import { exitCodeOf, exitCodes } from '../../src/exit-code.ts';

const page = await readFile(new URL('../../../../docs/checking.md', import.meta.url), 'utf8');
const [history = '', explanation = ''] = [...page.matchAll(/^```(?:json)?\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
const lines = history.trimEnd().split('\n');

let directory = '';
let output = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-check-'));
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

/** What the command fails with on this text, and its exit code. */
async function failureOf(text: string, flags: Partial<CheckFlags> = {}) {
  const file = join(directory, 'history.ndjson');
  await writeFile(file, text);
  const error: unknown = await check(file, { model: 'kv', stepsMax: '1000', ...flags }).catch((cause: unknown) => cause);
  return error === undefined ? null : { error, exitCode: exitCodeOf(error) };
}

describe('flotilla check', () => {
  test('finds the stale read of the documentation, and explains it as it says there', async () => {
    expect(await failureOf(history)).toMatchObject({ error: { code: 'not_linearizable' }, exitCode: exitCodes.conflict });
    expect(output).toMatch(/^4 operations on 1 keys as kv, \d+ steps in \d+ ms: NOT linearizable\n\n/);
    expect(output.split('\n\n')[1]).toBe(explanation);
  });

  test('is content with that history without its last line', async () => {
    expect(await failureOf(lines.slice(0, -1).join('\n'))).toBeNull();
    expect(output).toMatch(/: linearizable\n$/);
  });

  test('says the same as JSON', async () => {
    await failureOf(history, { json: true });
    expect(JSON.parse(output)).toMatchObject({
      model: 'kv',
      verdict: 'not-linearizable',
      operations: 4,
      keys: 1,
      violation: { key: 'x', culprit: 6, order: [{ index: 0, state: '"a"' }, { index: 2 }, { index: 3 }], exact: true },
    });
  });

  test('takes nothing for no evidence', async () => {
    expect(await failureOf('\n')).toMatchObject({ error: { code: 'history_malformed', message: expect.stringContaining('no operation') } });
  });

  test('takes values that are nested too deep for a defect of their line', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const line = `{"process":0,"type":"invoke","f":"put","key":"x","value":${deep},"time":0,"index":0}`;
    expect(await failureOf(line)).toMatchObject({ error: { code: 'history_malformed', message: expect.stringContaining('line 1') } });
  });

  test('has no verdict beyond its limits', async () => {
    expect(await failureOf(history, { stepsMax: '1' })).toMatchObject({
      error: { code: 'linearizability_undecided', hint: expect.stringContaining('--steps-max') },
      exitCode: exitCodes.undecided,
    });
    expect(output).toContain('no verdict on "x"');
  });

  test('says which line is wrong, and what does not fit the model', async () => {
    expect(await failureOf(`${lines[0]}\n{"process":1}\n`)).toMatchObject({
      error: { code: 'history_malformed', message: expect.stringMatching(/^line 2: /) },
      exitCode: exitCodes.usage,
    });
    expect(await failureOf(history, { model: 'lock' })).toMatchObject({
      error: { code: 'history_call_unknown', hint: expect.stringContaining('acquire') },
      exitCode: exitCodes.usage,
    });
  });

  test('says what to do without a file, and with a limit that is none', async () => {
    const flags = { model: 'kv', stepsMax: '1000' } as const;
    await expect(check(join(directory, 'none'), flags)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('ENOENT'),
    });
    await expect(check(directory, flags)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('is no file') });
    await expect(check(directory, { ...flags, stepsMax: '0' })).rejects.toMatchObject({ code: 'usage' });
  });

  test('prints no control characters of a history', async () => {
    await failureOf(history.replaceAll('"a"', '"\\u009b2J"'));
    expect(output).toContain('get → "?2J"');
    expect(output).not.toContain('\u009b');
  });

  test('takes every model that there is', () => {
    expect(checkedModels).toEqual(modelNames);
  });
});
