export type { Admit, Seen } from './incarnation.ts';
export type { RefusalReason } from './refusal-reason.ts';
export type { TcpAddress } from './tcp-address.ts';
export type { TcpTransportOptions } from './tcp-options.ts';
export { TcpTransport } from './tcp-transport.ts';
export type { Direction, TransportEvent } from './transport-event.ts';
