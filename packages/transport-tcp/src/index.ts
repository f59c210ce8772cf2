export type { RefusalReason } from './refusal-reason.ts';
export type { TcpAddress, TcpTransportOptions } from './tcp-options.ts';
export { TcpTransport } from './tcp-transport.ts';
export type { Direction, TransportEvent } from './transport-event.ts';
