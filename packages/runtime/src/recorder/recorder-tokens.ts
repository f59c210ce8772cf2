import type { ServiceIdentifier } from 'inversify';
import type { RecorderConfig } from './recording.ts';
import type { RecordingFiles } from './recording-files.ts';

/** What a module may bind to say how members are recorded. */
export const recorderTokens = {
  /** Default: {@link recorderConfig} for the groups of the host. */
  recorderConfig: Symbol.for('flotilla.RecorderConfig') as ServiceIdentifier<RecorderConfig>,
  /** Default: null, recordings stay in memory. */
  recordingFiles: Symbol.for('flotilla.RecordingFiles') as ServiceIdentifier<RecordingFiles | null>,
} as const;
