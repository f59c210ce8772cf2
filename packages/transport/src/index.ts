export type { GroupMessage, Receive, Transport } from './transport.ts';
export { isTransportError, TransportError, type TransportErrorCode } from './transport-error.ts';
