import { FlotillaError, type MemberId } from '@flotilla/core';
import type { TransportEvent } from './transport-event.ts';

/** Where a member listens, or is reached. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export interface TcpTransportOptions {
  /** The cluster's name: 1 to 255 bytes of UTF-8. Members of another cluster are refused. */
  readonly clusterId: string;
  readonly memberId: MemberId;
  /** Port 0 lets the system choose one: see `TcpTransport.address`. */
  readonly listen: TcpAddress;
  /** Where the other members are reached. The own member may be among them and is passed over. */
  readonly peers: ReadonlyMap<MemberId, TcpAddress>;
  /** The largest frame that is sent or taken. Default: 16 MiB. */
  readonly frameBytesMax?: number;
  /** Bytes that wait to be sent, per peer; what exceeds it is dropped. Default: 64 MiB. */
  readonly queueBytesMax?: number;
  /** The pause before connecting again: doubles from `minMs` to `maxMs`, with jitter. Default: 50 and 2,000. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** How long connecting and introducing oneself may take. Default: 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** A peer that was sent something and gives no sign of life for so long has its connection replaced. Default: 5,000. */
  readonly livenessTimeoutMs?: number;
  /** Inbound connections that have not introduced themselves yet; beyond it the oldest is closed. Default: 64. */
  readonly strangersMax?: number;
  /** Told what happens to connections. An exception in it becomes a process warning. */
  readonly onEvent?: (event: TransportEvent) => void;
  /** A number in [0, 1), for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Options with every default filled in. */
export type TcpConfig = Required<TcpTransportOptions>;

const mebibyte = 1024 * 1024;
const u32Max = 0xffff_ffff;

/** Fills the defaults in. Throws `config_invalid` where the options make no sense. */
export function tcpConfig(options: TcpTransportOptions): TcpConfig {
  const config: TcpConfig = {
    frameBytesMax: 16 * mebibyte,
    queueBytesMax: 64 * mebibyte,
    reconnect: { minMs: 50, maxMs: 2_000 },
    handshakeTimeoutMs: 5_000,
    livenessTimeoutMs: 5_000,
    strangersMax: 64,
    onEvent: () => {},
    random: Math.random,
    ...options,
  };
  checkIdentity(config);
  checkBounds(config);
  return config;
}

function checkIdentity({ clusterId, memberId, listen, peers }: TcpConfig): void {
  const clusterIdBytes = Buffer.byteLength(clusterId);
  check(clusterIdBytes >= 1 && clusterIdBytes <= 255, `clusterId has ${clusterIdBytes} bytes`, 'Give it 1 to 255 bytes.');
  for (const id of [memberId, ...peers.keys()]) {
    check(Number.isInteger(id) && id >= 1 && id <= u32Max, `${id} is no member id`, 'Member ids are integers from 1 to 2^32 − 1.');
  }
  for (const { port } of [listen, ...peers.values()]) {
    check(Number.isInteger(port) && port >= 0 && port <= 0xffff, `${port} is no port`, 'Ports are integers from 0 to 65535.');
  }
}

function checkBounds({ frameBytesMax, queueBytesMax, reconnect, handshakeTimeoutMs, livenessTimeoutMs, strangersMax }: TcpConfig): void {
  checkAtLeast(1_024, { frameBytesMax });
  checkAtLeast(1, { handshakeTimeoutMs, livenessTimeoutMs, strangersMax, 'reconnect.minMs': reconnect.minMs });
  check(frameBytesMax <= u32Max, `frameBytesMax is ${frameBytesMax}`, 'A frame has less than 4 GiB.');
  check(
    queueBytesMax >= frameBytesMax,
    `queueBytesMax (${queueBytesMax}) is less than frameBytesMax (${frameBytesMax})`,
    'Give the queue room for a frame.',
  );
  check(reconnect.maxMs >= reconnect.minMs, `reconnect.maxMs (${reconnect.maxMs}) is less than minMs (${reconnect.minMs})`, 'Swap them.');
}

function checkAtLeast(min: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) check(value >= min, `${name} is ${value}`, `It must be at least ${min}.`);
}

function check(condition: boolean, message: string, hint: string): void {
  if (!condition) throw new FlotillaError('config_invalid', message, hint);
}
