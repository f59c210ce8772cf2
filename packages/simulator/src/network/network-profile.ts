import { FlotillaError } from '@flotilla/core';

/** How good the way from one member to another is. */
export interface LinkQuality {
  /** Milliseconds that everything takes at least, in one direction. */
  readonly delayMs: number;
  /** The mean of what comes on top, exponentially distributed and drawn for each batch. */
  readonly jitterMs: number;
  /** Bytes that leave in a millisecond; `Infinity` where nothing bounds them. */
  readonly bytesPerMs: number;
  /** Probability that a message gets lost. Over connections it is sent again instead, and what is behind it waits. */
  readonly loss: number;
  /** Probability that a message arrives twice. Only with `datagrams`. */
  readonly duplication: number;
  /** Probability that a message arrives late, behind others that were sent after it. Only with `datagrams`. */
  readonly reordering: number;
}

/** What a simulated network is like as long as no fault disturbs it. */
export interface NetworkProfile extends LinkQuality {
  /**
   * Messages get lost, come twice and overtake each other one by one, as Raft must bear it; the port `Transport` promises
   * more. False: what one connection carries arrives once, and in order, or the connection breaks.
   */
  readonly datagrams: boolean;
  /** Messages pass through the wire codec, so that what arrives is what a real peer decodes. Else they arrive by reference. */
  readonly throughCodec: boolean;
  /** The mean of how many milliseconds late a reordered message or a second copy is. */
  readonly lateMs: number;
  /** How long it takes over a connection until what got lost is sent again; doubles with each loss in a row. */
  readonly retransmitMs: number;
  /** Bytes on their way to a peer, or waiting for it to go on; what exceeds them is not taken. */
  readonly queueBytesMax: number;
  /** The largest message, in bytes of its frame. */
  readonly frameBytesMax: number;
  /** How long connecting may take. */
  readonly handshakeTimeoutMs: number;
  /** A peer that falls silent is lost within so long. */
  readonly livenessTimeoutMs: number;
  /** The pause before connecting again: doubles from `minMs` to `maxMs`, with jitter. */
  readonly reconnect: { readonly minMs: number; readonly maxMs: number };
  /** Members that a host does not know yet and answers nonetheless. */
  readonly guestsMax: number;
}

const mebibyte = 1024 * 1024;

/** A quiet network within one data centre, and the defaults of `TcpTransport`. */
export const calmNetwork: NetworkProfile = {
  delayMs: 0.2,
  jitterMs: 0.1,
  bytesPerMs: Number.POSITIVE_INFINITY,
  loss: 0,
  duplication: 0,
  reordering: 0,
  datagrams: false,
  throughCodec: false,
  lateMs: 20,
  retransmitMs: 200,
  queueBytesMax: 64 * mebibyte,
  frameBytesMax: 16 * mebibyte,
  handshakeTimeoutMs: 5_000,
  livenessTimeoutMs: 3_000,
  reconnect: { minMs: 50, maxMs: 2_000 },
  guestsMax: 32,
};

/** Throws `config_invalid` for a quality that makes no sense. */
export function checkLinkQuality(quality: Partial<LinkQuality>): void {
  const { delayMs = 0, jitterMs = 0, bytesPerMs = 1, loss = 0, duplication = 0, reordering = 0 } = quality;
  if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY && jitterMs >= 0 && jitterMs < Number.POSITIVE_INFINITY))
    throw invalid('delayMs and jitterMs must be finite and not negative');
  if (!(bytesPerMs > 0)) throw invalid('bytesPerMs must be positive');
  const chances = [loss, duplication, reordering];
  if (!chances.every((chance) => chance >= 0) || !(loss + duplication + reordering <= 1))
    throw invalid('loss, duplication and reordering are probabilities that exclude each other: together at most 1');
}

function invalid(message: string): FlotillaError {
  return new FlotillaError('config_invalid', `a simulated network: ${message}`, 'Correct the profile, or the fault that says so.');
}
