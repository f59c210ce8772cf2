import type { GroupId, MemberId, RaftState } from '@flotilla/core';
import type { RaftStep } from '../raft-step.ts';
import { type Json, toExactJson } from './exact-json.ts';
import type { RecordedFailure, Recording } from './recording.ts';
import { recordingError } from './recording-error.ts';

/** What the first line of a recording says it is. */
export const recordingFormat = 'flotilla-recording';

/** Raised when lines come to mean something else. */
export const recordingVersion = 1;

/** The most characters of one line: several times what a member takes in at once. */
export const recordingLineMax = 128 * 1024 * 1024;

/** Where a recording begins. */
export interface RecordingHeader {
  readonly member: MemberId;
  readonly group: GroupId;
  /** Number of the first step. */
  readonly first: number;
  /** The state before it. */
  readonly state: RaftState;
}

/** The first line of a recording: what it is, whose, and the state that it begins with. */
export function headerLine({ member, group, first, state }: RecordingHeader): string {
  return line({ format: recordingFormat, version: recordingVersion, member, group, first, state: toExactJson(state) });
}

/** A line for a step. Its number tells a reader where lines are missing. */
export function stepLine(number: number, { input, events }: RaftStep): string {
  return line({ step: number, input: toExactJson(input), events: toExactJson(events) });
}

/** A line for the state as the member had it after the steps before: a reader can compare. */
export function stateLine(state: RaftState): string {
  return line({ state: toExactJson(state) });
}

/** A line for an input that the core did not get through; the last one. */
export function failureLine(number: number, { input, error }: RecordedFailure): string {
  return line({ step: number, input: toExactJson(input), error });
}

/** A whole recording, line by line, each with its end of line. */
export function* recordingText(recording: Recording): Generator<string> {
  yield headerLine(recording);
  let number = recording.first;
  for (const step of recording.steps) yield stepLine(number++, step);
  yield stateLine(recording.end);
  if (recording.failure !== null) yield failureLine(number, recording.failure);
}

function line(json: Json): string {
  const text = JSON.stringify(json);
  if (text.length <= recordingLineMax) return `${text}\n`;
  throw recordingError(
    'recording_line_too_long',
    `a line of the recording would have ${text.length} characters, more than ${recordingLineMax}`,
    'Lower the limits of what a member takes in at once, such as uncommittedBytesMax.',
  );
}
