import { FlotillaError } from '@flotilla/core';

export type MachineErrorCode = 'unknown_command' | 'unknown_query' | 'invalid_input' | 'malformed_payload' | 'machine_defect';

/** An error of a machine or its codec, told apart by its `code`. */
export class MachineError extends FlotillaError {
  declare readonly code: MachineErrorCode;

  constructor(code: MachineErrorCode, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(code, message, hint, options);
    this.name = 'MachineError';
  }
}

/** Whether `error` is a {@link MachineError}, and if `code` is given, one with that code. */
export function isMachineError(error: unknown, code?: MachineErrorCode): error is MachineError {
  return error instanceof MachineError && (code === undefined || error.code === code);
}
