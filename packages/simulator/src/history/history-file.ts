import { StringDecoder } from 'node:string_decoder';
import { fromJsonValue, toJsonValue } from './exact-value.ts';
import { HistoryError, isHistoryError } from './history-error.ts';
import { type EventType, eventTypes, type HistoryEvent } from './history-event.ts';
import { HistoryRecorder } from './history-recorder.ts';
import { eventsOf, type Operation } from './operation.ts';

/** The most characters of a line. */
export const historyLineMax = 16 * 1024 * 1024;

/** A history as text, a line for each event (NDJSON). Throws `history_value_unsupported`. */
export function* historyText(operations: Iterable<Operation>): Generator<string> {
  for (const event of eventsOf(operations)) yield `${historyLine(event)}\n`;
}

/** An event as JSON, without the end of the line. */
export function historyLine({ process, type, f, key, value, time, index, node, serial }: HistoryEvent): string {
  return JSON.stringify({ process, type, f, key, value: value === undefined ? null : toJsonValue(value), time, index, node, serial });
}

/**
 * Reads a history from the bytes of its text, one line in memory at a time. Errors are {@link HistoryError}s that name the line:
 * besides those of {@link HistoryRecorder}, `history_malformed`, `history_line_too_long` and `history_value_unsupported`.
 */
export async function readHistory(
  chunks: AsyncIterable<Uint8Array>,
  { operationsMax = 5_000_000, lineMax = historyLineMax }: { readonly operationsMax?: number; readonly lineMax?: number } = {},
): Promise<Operation[]> {
  const recorder = new HistoryRecorder({ operationsMax });
  let line = 0;
  for await (const text of linesOf(chunks, lineMax)) {
    line++;
    if (text.trim() === '') continue;
    try {
      record(recorder, parseEvent(text));
    } catch (error) {
      // Nobody writes values that are nested so deep that reading them takes more stack than there is.
      if (error instanceof RangeError) throw new HistoryError('history_malformed', 'it is nested too deep', 'Write flat values.', { line });
      if (isHistoryError(error)) throw new HistoryError(error.code, error.message, error.hint, { cause: error, line });
      throw error;
    }
  }
  return recorder.operations();
}

function record(recorder: HistoryRecorder, event: HistoryEvent): void {
  const { process, type, f, key, value, time, index } = event;
  if (type === 'invoke') {
    recorder.invoke(event, time, index);
    return;
  }
  const open = recorder.openOf(process);
  if (open !== null && (open.f !== f || open.key !== key)) {
    const [began, ends] = [`${open.f} of key ${open.key}`, `${f} of key ${key}`];
    throw malformed(`process ${process} began a ${began} (#${open.invokeIndex}) and ends a ${ends}`);
  }
  recorder.complete(process, type, value, time, index);
}

function parseEvent(text: string): HistoryEvent {
  const fields = parseObject(text);
  const { process, type, f, key = null, value, time, index, node = null, serial } = fields;
  if (!Number.isSafeInteger(process)) throw malformed('process is not a whole number');
  if (!eventTypes.includes(type as EventType)) throw malformed(`type is not one of ${eventTypes.join(', ')}`);
  if (typeof f !== 'string') throw malformed('f is not text');
  if (key !== null && typeof key !== 'string') throw malformed('key is neither text nor null');
  if (typeof time !== 'number') throw malformed('time is not a number (of milliseconds)');
  if (!Number.isSafeInteger(index)) throw malformed('index is not a whole number');
  if (node !== null && !Number.isSafeInteger(node)) throw malformed('node is neither a whole number nor null');
  if (serial !== undefined && typeof serial !== 'string' && typeof serial !== 'number')
    throw malformed('serial is neither text nor a number');
  // The checks above are what makes these types true.
  return {
    process: process as number,
    type: type as EventType,
    f,
    key,
    value: fromJsonValue(value ?? null),
    time,
    index: index as number,
    node: node as number | null,
    ...(serial !== undefined && { serial }),
  };
}

function parseObject(text: string): { readonly [name: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('it is not an object');
  return value as { readonly [name: string]: unknown };
}

function malformed(what: string): HistoryError {
  return new HistoryError(
    'history_malformed',
    what,
    'A line is {"process":0,"type":"invoke","f":"put","key":"x","value":"a","time":0.5,"index":0,"node":1}; see docs/checking.md.',
  );
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>, lineMax: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let number = 1;
  let rest = '';
  for await (const chunk of chunks) {
    const [first = '', ...others] = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split('\n');
    const parts = [rest + first, ...others];
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part.length > lineMax) throw tooLong(number, lineMax);
      yield part;
      number++;
    }
    if (rest.length > lineMax) throw tooLong(number, lineMax);
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

function tooLong(line: number, lineMax: number): HistoryError {
  return new HistoryError('history_line_too_long', `more than ${lineMax} characters`, 'Is this a history? Write one event on a line.', {
    line,
  });
}
