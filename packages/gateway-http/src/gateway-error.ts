import { FlotillaError } from '@flotilla/core';

export type GatewayErrorCode = 'port_in_use' | 'port_forbidden' | 'address_unavailable' | 'listen_failed';

/** Why a gateway did not start. */
export class GatewayError extends FlotillaError {
  declare readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(code, message, hint, options);
    this.name = 'GatewayError';
  }
}

/** Whether `error` is a {@link GatewayError}, and if `code` is given, one with that code. */
export function isGatewayError(error: unknown, code?: GatewayErrorCode): error is GatewayError {
  return error instanceof GatewayError && (code === undefined || error.code === code);
}

/** Says what a failed `listen` means for whoever started the process. */
export function listenError(cause: unknown, host: string, port: number): GatewayError {
  const systemCode = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const where = `${host}:${port}`;
  switch (systemCode) {
    case 'EADDRINUSE':
      return new GatewayError(
        'port_in_use',
        `port ${port} of ${host} is in use`,
        'Stop the process that listens there, perhaps another member, or configure another port.',
        { cause },
      );
    case 'EACCES':
      return new GatewayError('port_forbidden', `this process may not listen on ${where}`, 'Use a port from 1024 on.', { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new GatewayError('address_unavailable', `this machine has no address ${host}`, 'Use 0.0.0.0, or an address of this machine.', {
        cause,
      });
    default:
      return new GatewayError('listen_failed', `listening on ${where} failed`, 'See the cause.', { cause });
  }
}
