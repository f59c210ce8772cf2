import { FlotillaError, type MemberId } from '@flotilla/core';
import { type Admit, incarnationPattern, type Seen } from './incarnation.ts';
import { parseAddress, type TcpAddress } from './tcp-address.ts';
import type { TransportEvent } from './transport-event.ts';

export interface TcpTransportOptions {
  /** The cluster's name: 1 to 255 bytes of UTF-8. Members of another cluster are refused. */
  readonly clusterId: string;
  readonly memberId: MemberId;
  /** Port 0 lets the system choose one: see `TcpTransport.address`. */
  readonly listen: TcpAddress;
  /**
   * Where members that this one does not know yet, or that do not know it yet, reach it: `host:port`, at most 255
   * characters. Default: where it listens; say it where that is a wildcard or an address that others cannot use.
   */
  readonly advertise?: string;
  /** Tells this member's data from any other that it ever had: at most 64 printable ASCII characters. Default: empty. */
  readonly incarnation?: string;
  /**
   * Asked at each handshake, of both sides, whether to trust the data that a peer or guest comes with: null, or why not,
   * for both logs (240 characters). One that throws refuses. Default: trusts everybody.
   */
  readonly admit?: Admit;
  /** What is remembered of a member that `admit` refuses: it is told, so that it knows where its data is an older copy. Default: nothing. */
  readonly seen?: Seen;
  /** The largest frame that is sent or taken. Default: 16 MiB. */
  readonly frameBytesMax?: number;
  /** Bytes that wait to be sent, per peer; what exceeds it is dropped. Default: 64 MiB. */
  readonly queueBytesMax?: number;
  /** The pause before connecting again: doubles from `minMs` to `maxMs`, with jitter. Default: 50 and 2,000. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** How long connecting and introducing oneself may take. Default: 5,000. */
  readonly handshakeTimeoutMs?: number;
  /**
   * A peer that falls silent is lost, and connected to anew, within so long; it is asked for a sign of life three times as
   * often, whether or not anything is sent. Default: 3,000.
   */
  readonly livenessTimeoutMs?: number;
  /** Inbound connections that have not introduced themselves yet; beyond it the oldest is closed. Default: 64. */
  readonly strangersMax?: number;
  /** Members that this one does not know yet and answers nonetheless; beyond it they are refused. Default: 32. */
  readonly guestsMax?: number;
  /** Told what happens to connections. An exception in it becomes a process warning. */
  readonly onEvent?: (event: TransportEvent) => void;
  /** A number in [0, 1), for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Options with every default filled in; `advertise` is null where it is to be where the host turns out to listen. */
export type TcpConfig = Required<Omit<TcpTransportOptions, 'advertise'>> & { readonly advertise: string | null };

const mebibyte = 1024 * 1024;
const u32Max = 0xffff_ffff;

/** Fills the defaults in. Throws `config_invalid` where the options make no sense. */
export function tcpConfig(options: TcpTransportOptions): TcpConfig {
  const config: TcpConfig = {
    frameBytesMax: 16 * mebibyte,
    queueBytesMax: 64 * mebibyte,
    reconnect: { minMs: 50, maxMs: 2_000 },
    handshakeTimeoutMs: 5_000,
    livenessTimeoutMs: 3_000,
    strangersMax: 64,
    guestsMax: 32,
    advertise: null,
    incarnation: '',
    admit: () => null,
    seen: () => null,
    onEvent: () => {},
    random: Math.random,
    ...options,
  };
  checkIdentity(config);
  checkBounds(config);
  return config;
}

function checkIdentity({ clusterId, memberId, listen, advertise, incarnation }: TcpConfig): void {
  const clusterIdBytes = Buffer.byteLength(clusterId);
  check(clusterIdBytes >= 1 && clusterIdBytes <= 255, `clusterId has ${clusterIdBytes} bytes`, 'Give it 1 to 255 bytes.');
  const isMemberId = Number.isInteger(memberId) && memberId >= 1 && memberId <= u32Max;
  check(isMemberId, `${memberId} is no member id`, 'Member ids are integers from 1 to 2^32 − 1.');
  const isPort = Number.isInteger(listen.port) && listen.port >= 0 && listen.port <= 0xffff;
  check(isPort, `${listen.port} is no port`, 'Ports are integers from 0 to 65535.');
  const canBeReached = advertise === null || (Buffer.byteLength(advertise) <= 255 && (parseAddress(advertise)?.port ?? 0) > 0);
  check(canBeReached, `advertise (${advertise}) is no address`, 'Give it as host:port, with an IPv6 address in brackets.');
  check(incarnationPattern.test(incarnation), 'incarnation is not what it may be', 'Give it at most 64 printable ASCII characters.');
}

function checkBounds(config: TcpConfig): void {
  const { frameBytesMax, queueBytesMax, reconnect, handshakeTimeoutMs, livenessTimeoutMs, strangersMax, guestsMax } = config;
  checkAtLeast(1_024, { frameBytesMax });
  checkAtLeast(0, { guestsMax });
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
