import { decodeFrame, encodeFrames, FrameReader, frameSize, framesSize, type GroupMessage } from '@flotilla/transport';
import type { Link } from './link.ts';
import { type Endpoint, type NetworkContext, trusts } from './network-context.ts';
import { Pipe } from './pipe.ts';

/** Intervals of the liveness timeout, as `TcpTransport` divides it: at the end of each the peer is asked, or given up. */
const intervalsPerTimeout = 3;

/** Who opened a connection. */
export interface ConnectionOwner {
  /** Both sides have let each other in: messages are taken from now on. */
  welcomed(connection: Connection): void;
  /** It ended, though its owner has not closed it. */
  gone(connection: Connection): void;
}

/**
 * One life's connection to another, for what it sends. It begins with a handshake in which each side judges the other, and it
 * ends when a side closes it, when the network breaks it, or when the other side falls silent.
 */
export class Connection {
  readonly from: Endpoint;
  readonly #context: NetworkContext;
  readonly #link: Link;
  readonly #owner: ConnectionOwner;
  readonly #pipe: Pipe;
  readonly #reader: FrameReader | null;
  #to: Endpoint | null = null;
  #wasReached = false;
  #welcomedAt: number | null = null;
  /** Whether the other side takes what arrives, and whether it once did and has closed since. */
  #heard = false;
  #shut = false;
  #closing = false;
  #ended = false;
  /** Liveness intervals at whose end the other side did not answer. */
  #unanswered = 0;
  #cancelTimer: () => void;
  #waitingBytes = 0;
  #flyingMessages = 0;

  /** Begins to connect. */
  constructor(context: NetworkContext, link: Link, from: Endpoint, owner: ConnectionOwner) {
    this.#context = context;
    this.#link = link;
    this.from = from;
    this.#owner = owner;
    this.#pipe = new Pipe(context, link);
    this.#reader = context.profile.throughCodec ? new FrameReader(context.profile.frameBytesMax) : null;
    link.add(this);
    this.#cancelTimer = from.process.after(context.profile.handshakeTimeoutMs, () => this.#giveUp());
    this.#pipe.put(0, () => this.#arriveHello());
  }

  /** Whether the other side gave any answer. */
  get wasReached(): boolean {
    return this.#wasReached;
  }

  /** When both sides had let each other in, by the clock of the one that opened it, or null. */
  get welcomedAt(): number | null {
    return this.#welcomedAt;
  }

  /** Takes all of the messages or none of them. */
  send(messages: readonly GroupMessage[]): boolean {
    if (messages.length === 0) return true;
    const { counts, profile, world, watch } = this.#context;
    const { from, to } = this.#link;
    const size = framesSize(messages);
    if (this.#waitingBytes + size > profile.queueBytesMax || (size > profile.frameBytesMax && this.#hasTooLarge(messages))) {
      counts.refused += messages.length;
      return false;
    }
    counts.sent += messages.length;
    counts.bytes += size;
    world.trace.note(world.now, 'send', from, to, messages.length, size);
    if (watch.onSend) for (const { message } of messages) watch.onSend(from, to, message);
    // It has broken and the host does not know yet: as any system does, ours takes what nobody will get.
    if (this.#ended) counts.lost += messages.length;
    else if (profile.datagrams && this.#link.loss + this.#link.duplication + this.#link.reordering > 0) this.#scatter(messages);
    else this.#carry(messages, size);
    return true;
  }

  /** The side that opened it closes it: what is on its way still arrives, unless the link is frozen. */
  close(): void {
    if (this.#ended || this.#closing) return;
    this.#closing = true;
    this.#cancelTimer();
    if (this.#link.frozen) return this.end();
    this.#pipe.put(0, () => {
      this.end();
      this.#leaveReceiver();
    });
  }

  /** The other side closes it: it takes nothing any more, and the side that opened it hears of that. */
  closeInbound(): void {
    this.#heard = false;
    this.#shut = true;
    this.#context.world.after(this.#link.drawDelayMs(), () => {
      if (!this.#link.frozen) this.#fail();
    });
  }

  /** The network breaks it, and both sides notice. */
  break(): void {
    if (this.#ended) return;
    this.#context.counts.resets++;
    this.#fail();
    this.#leaveReceiver();
  }

  /** What waited for the end of a frost goes on. */
  thaw(): void {
    this.#pipe.thaw();
  }

  quicken(): void {
    this.#pipe.quicken();
  }

  /** Nothing arrives any more. Nobody is told. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#pipe.close();
    this.#link.delete(this);
    this.#context.counts.lost += this.#flyingMessages;
  }

  #leaveReceiver(): void {
    const to = this.#to;
    if (this.#heard) to?.process.enter(() => to.forget(this));
  }

  /** It is over, and the side that opened it learns that. */
  #fail(): void {
    if (this.#ended) return;
    this.end();
    if (!this.#closing) this.from.process.enter(() => this.#owner.gone(this));
  }

  #giveUp(): void {
    this.close();
    this.#owner.gone(this);
  }

  #arriveHello(): void {
    const to = this.#context.listening(this.#link.to);
    if (this.#link.cut || to === null) return this.#fail();
    // A machine without power says nothing: the handshake times out.
    if (!to.process.alive) return;
    this.#to = to;
    to.process.enter(() => {
      if (this.#ended) return;
      const letIn = to.lets(this.from.member, this.from.identity.incarnation);
      this.#pipe.put(0, () => this.from.process.enter(() => this.#answered(letIn, to)));
    });
  }

  #answered(letIn: boolean, to: Endpoint): void {
    if (this.#ended || this.#closing) return;
    this.#wasReached = true;
    if (!letIn || !trusts(this.from.identity, this.#link.to, to.identity.incarnation)) return this.#giveUp();
    this.#cancelTimer();
    this.#welcomedAt = this.from.process.now();
    this.#pipe.put(0, () => to.process.enter(() => this.#confirmed(to)));
    this.#awaitLife(to);
    this.#owner.welcomed(this);
  }

  #confirmed(to: Endpoint): void {
    if (this.#ended) return;
    this.#heard = true;
    to.adopt(this);
  }

  /** Counts intervals, not time, as a host does that must not take its own standing still for that of others. */
  #awaitLife(to: Endpoint): void {
    this.#cancelTimer = this.from.process.after(this.#context.profile.livenessTimeoutMs / intervalsPerTimeout, () => {
      if (this.#ended) return;
      const answers = !this.#link.frozen && to.process.alive && !to.process.paused;
      // Another life has begun there, or this one has closed: its system answers that there is no such connection.
      const denied = !this.#link.frozen && (this.#shut || (!to.process.alive && this.#context.listening(this.#link.to) !== to));
      this.#unanswered = answers ? 0 : this.#unanswered + 1;
      if (denied || this.#unanswered === intervalsPerTimeout) this.#giveUp();
      else this.#awaitLife(to);
    });
  }

  #hasTooLarge(messages: readonly GroupMessage[]): boolean {
    return messages.some((message) => frameSize(message) > this.#context.profile.frameBytesMax);
  }

  /** Draws for each message by itself what becomes of it. */
  #scatter(messages: readonly GroupMessage[]): void {
    const { counts } = this.#context;
    const { loss, duplication, reordering, random } = this.#link;
    const inOrder: GroupMessage[] = [];
    for (const item of messages) {
      const drawn = random.next();
      if (drawn < loss) counts.lost++;
      else if (drawn < loss + reordering) {
        counts.reordered++;
        this.#carryLate(item);
      } else {
        inOrder.push(item);
        // A forwarded command that came twice would be applied twice: against that only the port's promise helps.
        if (drawn >= loss + reordering + duplication || item.message.kind === 'propose') continue;
        counts.duplicated++;
        this.#carryLate(item);
      }
    }
    if (inOrder.length > 0) this.#carry(inOrder, framesSize(inOrder));
  }

  #carry(messages: readonly GroupMessage[], size: number): void {
    this.#pipe.put(size, this.#setOut(messages, size));
  }

  #carryLate(item: GroupMessage): void {
    const size = frameSize(item);
    const arrive = this.#setOut([item], size);
    this.#pipe.putAside(this.#link.random.exponential(this.#context.profile.lateMs), arrive, () => {
      this.#flyingMessages--;
      this.#waitingBytes -= size;
      this.#context.counts.lost++;
    });
  }

  /** Takes messages in hand; returns what is to run when they arrive. */
  #setOut(messages: readonly GroupMessage[], size: number): () => void {
    this.#waitingBytes += size;
    this.#flyingMessages += messages.length;
    const frames = this.#reader === null ? null : encodeFrames(messages, size);
    return () => this.#arrive(messages, size, frames);
  }

  #arrive(messages: readonly GroupMessage[], size: number, frames: Uint8Array | null): void {
    this.#flyingMessages -= messages.length;
    const to = this.#to as Endpoint;
    if (to.process.alive) {
      to.process.enter(() => this.#handOver(to, messages, size, frames));
      return;
    }
    this.#waitingBytes -= size;
    this.#context.counts.lost += messages.length;
    if (this.#context.listening(this.#link.to) !== to) this.closeInbound();
  }

  #handOver(to: Endpoint, messages: readonly GroupMessage[], size: number, frames: Uint8Array | null): void {
    this.#waitingBytes -= size;
    const { counts, watch, world } = this.#context;
    if (!this.#heard) {
      counts.lost += messages.length;
      return;
    }
    counts.delivered += messages.length;
    const { from } = this.#link;
    world.trace.note(world.now, 'deliver', to.member, from, messages.length, size);
    if (watch.onDeliver) for (const { message } of messages) watch.onDeliver(from, to.member, message);
    to.receive(from, frames === null || this.#reader === null ? messages : this.#reader.read(frames).map(decodeFrame));
  }
}
