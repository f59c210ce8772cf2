import { TransportError } from './transport-error.ts';

/** The `protocol_error` for bytes that no member of this version sends. `what` says what is wrong with them. */
export function protocolError(what: string, cause?: unknown): TransportError {
  return new TransportError('protocol_error', what, 'Check what connects to this port, and that all members run compatible versions.', {
    cause,
  });
}
