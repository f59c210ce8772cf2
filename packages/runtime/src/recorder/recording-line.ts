import { type Input, isFlotillaError, type RaftEvent, type RaftState } from '@flotilla/core';
import type { RaftStep } from '../raft-step.ts';
import { fromExactJson } from './exact-json.ts';
import { eventKinds, inputKinds, messageKinds, raftStateFields } from './known-kinds.ts';
import { recordingError } from './recording-error.ts';
import { type RecordingHeader, recordingFormat, recordingVersion } from './recording-text.ts';

/** What a line behind the first one says. */
export type RecordedLine =
  | { readonly kind: 'step'; readonly number: number; readonly step: RaftStep }
  | { readonly kind: 'state'; readonly state: RaftState }
  | { readonly kind: 'failure'; readonly number: number; readonly input: Input; readonly error: string };

type Fields = { readonly [name: string]: unknown };

const fileHint = 'Give a file that a member wrote, such as flight-1.jsonl in its data directory.';
const copyHint = 'Copy it from the member again; where it is damaged there, too, --to <n> plays the steps before.';
const releaseHint = 'Play it with the release of Flotilla that wrote it.';

/**
 * Reads the first line of a recording. Throws `recording_foreign` for what is none, `recording_version` for one that this
 * release does not understand, `recording_damaged` for one that is not whole.
 */
export function parseHeader(text: string): RecordingHeader {
  const fields = parseFields(text, () => foreign());
  if (fields.format !== recordingFormat) throw foreign();
  if (fields.version !== recordingVersion) {
    throw recordingError(
      'recording_version',
      `line 1: the recording has version ${String(fields.version)}; this release reads version ${recordingVersion}`,
      releaseHint,
    );
  }
  const { member, group, first, state } = fields;
  if (!isCount(member) || !isCount(group) || !isCount(first)) throw damaged(1, 'it does not say whose recording it is');
  return { member, group, first, state: readState(1, state) };
}

/** Reads any other line; `number` counts lines from 1. Throws as {@link parseHeader} does. */
export function parseLine(number: number, text: string): RecordedLine {
  const fields = parseFields(text, (cause) => damaged(number, 'it is not what was written', cause));
  if ('state' in fields) return { kind: 'state', state: readState(number, fields.state) };
  const { step, input, events, error } = fields;
  if (!isCount(step)) throw damaged(number, 'it is no step');
  const known = readInput(number, input);
  if (typeof error === 'string') return { kind: 'failure', number: step, input: known, error };
  if (!Array.isArray(events)) throw damaged(number, 'it has no events');
  return { kind: 'step', number: step, step: { input: known, events: events.map((event) => readEvent(number, event)) } };
}

export function damaged(number: number, what: string, cause?: unknown): Error {
  return recordingError('recording_damaged', `line ${number}: ${what}`, copyHint, cause);
}

function foreign(): Error {
  return recordingError('recording_foreign', 'line 1: this is no recording of a member', fileHint);
}

function parseFields(text: string, failed: (cause: unknown) => Error): Fields {
  try {
    const value = fromExactJson(JSON.parse(text));
    if (isFields(value)) return value;
  } catch (error) {
    // A RangeError is a line that nests deeper than any that was written.
    if (error instanceof SyntaxError || error instanceof RangeError || isFlotillaError(error, 'not_exact_json')) throw failed(error);
    throw error;
  }
  throw failed(undefined);
}

function readState(number: number, value: unknown): RaftState {
  if (!isFields(value)) throw damaged(number, 'it holds no state');
  const missing = raftStateFields.filter((name) => !(name in value));
  const unknown = Object.keys(value).filter((name) => !raftStateFields.includes(name));
  if (missing.length + unknown.length === 0) return value as unknown as RaftState;
  const parts = [missing.length > 0 ? `lacks ${missing.join(', ')}` : '', unknown.length > 0 ? `has ${unknown.join(', ')}` : ''];
  const what = parts.filter((part) => part !== '').join(' and ');
  throw recordingError('recording_version', `line ${number}: the state ${what}, unlike this release's`, releaseHint);
}

function readInput(number: number, value: unknown): Input {
  const input = ofKind(number, value, 'input', inputKinds);
  if (input.kind === 'received') ofKind(number, input.message, 'message', messageKinds);
  return input as unknown as Input;
}

function readEvent(number: number, value: unknown): RaftEvent {
  return ofKind(number, value, 'event', eventKinds) as unknown as RaftEvent;
}

function ofKind(number: number, value: unknown, what: string, kinds: readonly string[]): Fields {
  if (!isFields(value) || typeof value.kind !== 'string') throw damaged(number, `it holds no ${what}`);
  if (kinds.includes(value.kind)) return value;
  throw recordingError('recording_version', `line ${number}: this release knows no ${what} "${value.kind}"`, releaseHint);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Uint8Array);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
