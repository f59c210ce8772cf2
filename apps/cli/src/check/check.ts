import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FlotillaError } from '@flotilla/core';
import { type CheckResult, checkLinearizable, explain, HistoryError, type ModelName, models, readHistory } from '@flotilla/simulator';
import { print } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';

/** The command line, as it was written. */
export interface CheckFlags {
  readonly model: ModelName;
  readonly stepsMax: string;
  readonly json?: boolean;
}

/**
 * Checks a history and prints the verdict. Throws `not_linearizable`, `linearizability_undecided`, and the errors of
 * `readHistory` and of the model.
 */
export async function check(file: string, { model, stepsMax, json = false }: CheckFlags): Promise<void> {
  const limits = { stepsMax: wholeNumber('--steps-max', stepsMax, 1) };
  await checkFile(file);
  const operations = await readHistory(createReadStream(file));
  // Whoever wrote nothing down has shown nothing.
  if (operations.length === 0)
    throw new HistoryError('history_malformed', `${file} holds no operation`, 'See that the history was written.');
  const startedAt = performance.now();
  const result = checkLinearizable(operations, models[model], limits);
  const elapsedMs = Math.round(performance.now() - startedAt);
  await print(json ? jsonReport(result, model, elapsedMs) : textReport(result, model, elapsedMs));
  if (result.verdict === 'not-linearizable') throw notLinearizable(file);
  if (result.verdict === 'unknown') throw undecided(result);
}

function textReport(result: CheckResult, model: ModelName, elapsedMs: number): string {
  const { operations, keys, steps, violation, undecided } = result;
  const lines = [`${operations} operations on ${keys} keys as ${model}, ${steps} steps in ${elapsedMs} ms: ${inWords[result.verdict]}`];
  if (undecided.length > 0) lines.push(`no verdict on ${undecided.map((key) => JSON.stringify(key)).join(', ')}`);
  if (violation !== null) lines.push('', explain(violation));
  return plain(lines.join('\n'));
}

const inWords = { linearizable: 'linearizable', 'not-linearizable': 'NOT linearizable', unknown: 'no verdict' } as const;

/** Times are in simulated milliseconds, but for `elapsedMs`. */
function jsonReport(result: CheckResult, model: ModelName, elapsedMs: number): string {
  const { violation, ...counts } = result;
  if (violation === null) return JSON.stringify({ model, elapsedMs, ...counts, violation });
  const { key, culprit } = violation;
  const found = {
    key,
    culprit: culprit.operation.invokeIndex,
    order: culprit.order.map(({ operation, state }) => ({ index: operation.invokeIndex, state })),
    open: culprit.open.map(({ invokeIndex }) => invokeIndex),
    exact: culprit.exact,
    explanation: explain(violation),
  };
  return JSON.stringify({ model, elapsedMs, ...counts, violation: found });
}

/** What a history holds goes to a terminal: without control characters, which could tell it to do things. */
function plain(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, '?');
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Give the path of a history.');
  });
  if (!found.isFile()) throw usageError(`${file} is no file`, 'Give the path of a history.');
}

function notLinearizable(file: string): FlotillaError {
  return new FlotillaError(
    'not_linearizable',
    `${file} is not linearizable`,
    'Look at the calls around the one that nothing explains, and at what the members that they asked did at that time.',
  );
}

function undecided({ undecided: keys }: CheckResult): FlotillaError {
  return new FlotillaError(
    'linearizability_undecided',
    `no verdict on ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} within the limits`,
    'Raise --steps-max, or make histories with fewer calls and fewer unknown outcomes on each key.',
  );
}
