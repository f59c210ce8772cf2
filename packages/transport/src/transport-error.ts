import { FlotillaError } from '@flotilla/core';

export type TransportErrorCode = 'protocol_error' | 'frame_too_large' | 'port_in_use' | 'listen_failed';

/** An error of a transport or its wire codec, told apart by its `code`. */
export class TransportError extends FlotillaError {
  declare readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(code, message, hint, options);
    this.name = 'TransportError';
  }
}

/** Whether `error` is a {@link TransportError}, and if `code` is given, one with that code. */
export function isTransportError(error: unknown, code?: TransportErrorCode): error is TransportError {
  return error instanceof TransportError && (code === undefined || error.code === code);
}
