import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { FlotillaError, type RaftState } from '@flotilla/core';
import { type RecordingReader, readRecording } from '@flotilla/runtime';
import { print } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { JsonReport } from './json-report.ts';
import { isShown, type ReplayFlags, type ReplayOptions, replayOptions } from './replay-options.ts';
import type { ReplayReport, ReplaySummary } from './replay-report.ts';
import { type Mismatch, replayLine } from './replay-step.ts';
import { TextReport } from './text-report.ts';

/** The most characters of a line where the terminal does not say how wide it is. */
const plainWidth = 240;

/** Plays a recording again and prints it. Throws `replay_mismatch` where something does not come out as recorded. */
export async function replay(file: string, flags: ReplayFlags): Promise<void> {
  const options = replayOptions(flags);
  await checkFile(file);
  const reader = await readRecording(createReadStream(file));
  const { first } = reader.header;
  if (options.to < first) throw usageError(`--to ${options.to} is before the first step`, `The recording begins with step ${first}.`);
  const { isTTY, columns } = process.stdout;
  const colour = isTTY && !process.env.NO_COLOR;
  const text = { colour, effects: options.effects, width: isTTY ? Math.max(columns, 40) : plainWidth };
  const { range, mismatch } = await play(reader, options, options.json ? new JsonReport(options) : new TextReport(text), print);
  if (mismatch !== null) throw failure(mismatch);
  if (options.from > (range?.last ?? options.from)) {
    throw usageError(`--from ${options.from} is behind the last step`, `The recording ends with step ${range?.last}.`);
  }
}

/** Plays a recording and tells a report's lines to `tell`, in their order. Ends at the first mismatch. */
export async function play(
  { header, lines }: RecordingReader,
  options: ReplayOptions,
  report: ReplayReport,
  tell: (lines: string) => Promise<void>,
): Promise<ReplaySummary> {
  await tell(report.begin(header));
  let state: RaftState = header.state;
  let last = header.first - 1;
  let shown = 0;
  let confirmed = 0;
  let torn = false;
  let mismatch: Mismatch | null = null;
  for await (const line of lines) {
    if (line.kind === 'torn') {
      torn = true;
      break;
    }
    const replayed = replayLine(state, line, last);
    if (replayed.kind === 'mismatch') {
      mismatch = replayed.mismatch;
      break;
    }
    if (replayed.kind === 'confirmed') confirmed++;
    if (replayed.kind === 'failed-again') await tell(report.failedAgain(replayed.number, replayed.input, replayed.error));
    if (replayed.kind !== 'step') continue;
    const { step } = replayed;
    state = step.after;
    last = step.number;
    if (isShown(options, step)) {
      shown++;
      await tell(report.step(step));
    }
    // Not even read on: what comes next may be damaged.
    if (last >= options.to) break;
  }
  const played = last - header.first + 1;
  const range = played === 0 ? null : { first: header.first, last };
  const summary: ReplaySummary = { played, shown, range, confirmed, torn, state, mismatch };
  await tell(report.end(summary));
  return summary;
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Give the path of a recording.');
  });
  if (!found.isFile()) {
    throw usageError(`${file} is no file`, "Give one of the recordings in it, such as flight-1.jsonl in a member's data directory.");
  }
}

function failure({ number, what }: Mismatch): FlotillaError {
  return new FlotillaError(
    'replay_mismatch',
    `step ${number}: ${what} did not come out as recorded`,
    'Play it with the release that wrote it. If it differs there, too, the file was changed or the member did not follow its rules: report it with the file.',
  );
}
