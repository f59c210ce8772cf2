export { createHost, type HostParts } from './create-host.ts';
export type {
  Applied,
  CallOptions,
  CommandOptions,
  Consistency,
  EventBatch,
  Group,
  GroupStatus,
  MemberRole,
  MemberStatus,
  MembershipResult,
  OpenedSession,
  QueryOptions,
  QueryResult,
  Standing,
} from './group.ts';
export { Host } from './host.ts';
export { type Determinism, defaultHostLimits, type GroupConfig, type HostConfig, type HostLimits, hostConfig } from './host-config.ts';
export type { Clock, Logger, Random, Scheduler } from './ports.ts';
export type { RaftStep, RaftTransition } from './raft-step.ts';
export { fromExactJson, type Json, toExactJson } from './recorder/exact-json.ts';
export { FlightRecorder } from './recorder/flight-recorder.ts';
export { eventKinds, inputKinds, messageKinds } from './recorder/known-kinds.ts';
export { type RecordingReader, readRecording, type TornLine } from './recorder/read-recording.ts';
export { defaultRecorderConfig, type RecordedFailure, type RecorderConfig, type Recording, recorderConfig } from './recorder/recording.ts';
export { recordingDirectory } from './recorder/recording-directory.ts';
export type { RecordingErrorCode } from './recorder/recording-error.ts';
export type { RecordingFiles } from './recorder/recording-files.ts';
export type { RecordedLine } from './recorder/recording-line.ts';
export { type RecordingHeader, recordingText } from './recorder/recording-text.ts';
export { RecordingWriter } from './recorder/recording-writer.ts';
export { type FailedOutcome, isRuntimeError, RuntimeError, type RuntimeErrorCode } from './runtime-error.ts';
export { unfitness } from './standing.ts';
export { type MachineFactory, tokens } from './tokens.ts';
