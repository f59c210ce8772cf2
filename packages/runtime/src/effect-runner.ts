import type { Effect, MemberId, Message, Persist, Replicate } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { DurableWriter } from './durable-writer.ts';
import type { GroupConfig, HostConfig, HostLimits } from './host-config.ts';
import { LogTail } from './log-tail.ts';
import { Outbox } from './outbox.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingQueries } from './pending-queries.ts';
import { tokens } from './tokens.ts';

/** Carries out what a group's core asks for. */
@injectable()
export class EffectRunner {
  readonly #group: number;
  readonly #limits: HostLimits;
  readonly #tail: LogTail;
  readonly #outbox: Outbox;
  readonly #writer: DurableWriter;
  readonly #applyLoop: ApplyLoop;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;
  /** Payload bytes queued for each peer during this turn. */
  readonly #turnBytes = new Map<MemberId, number>();

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.hostConfig) host: HostConfig,
    @inject(LogTail) tail: LogTail,
    @inject(Outbox) outbox: Outbox,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(PendingCommands) commands: PendingCommands,
    @inject(PendingQueries) queries: PendingQueries,
  ) {
    this.#group = group.id;
    this.#limits = host.limits;
    this.#tail = tail;
    this.#outbox = outbox;
    this.#writer = writer;
    this.#applyLoop = applyLoop;
    this.#commands = commands;
    this.#queries = queries;
    outbox.register(group.id, (message) => this.#onDropped(message));
  }

  beginTurn(): void {
    this.#turnBytes.clear();
  }

  /** Carries out the effects of one decision, in their order, before the next input is decided. */
  run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#runOne(effect);
  }

  #runOne(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#persist(effect);
      case 'send':
        return this.#outbox.add(this.#group, effect.to, effect.message);
      case 'replicate':
        return this.#replicate(effect);
      case 'apply':
        return this.#applyLoop.advance(effect.through);
      case 'answer-read':
        return this.#queries.confirmed(effect.id, effect.index, this.#applyLoop.appliedIndex);
      case 'reject-read':
        return this.#queries.rejected(effect.id, effect.reason);
      case 'accept-proposal':
        return this.#commands.accepted(effect.id, effect.position, this.#applyLoop.appliedIndex);
      case 'reject-proposal':
        return this.#commands.rejected(effect.id, effect.reason);
    }
  }

  #persist(effect: Persist): void {
    if (effect.truncateAfter !== null) this.#tail.truncateAfter(effect.truncateAfter);
    this.#tail.append(effect.entries);
    this.#writer.add(this.#group, effect);
  }

  /**
   * Reads the range and queues it as appends of limited size. What would exceed the turn's limit for the peer is left
   * out, as if the network had lost it: the protocol notices and sends it again, and memory stays bounded.
   */
  #replicate({ to, term, prevIndex, prevTerm, lastIndex, commit }: Replicate): void {
    let prev = { index: prevIndex, term: prevTerm };
    let queued = this.#turnBytes.get(to) ?? 0;
    do {
      if (queued > this.#limits.turnBytesPerPeerMax) break;
      const entries = lastIndex > prev.index ? this.#tail.read(prev.index + 1, lastIndex, this.#limits.messageBytesMax) : [];
      this.#outbox.add(this.#group, to, { kind: 'append', term, prevIndex: prev.index, prevTerm: prev.term, commit, entries });
      for (const entry of entries) queued += entry.payload.length;
      prev = entries.at(-1) ?? prev;
    } while (prev.index < lastIndex);
    this.#turnBytes.set(to, queued);
  }

  /** What certainly did not leave need not wait for its time limit. Everything else Raft sends again by itself. */
  #onDropped(message: Message): void {
    if (message.kind === 'propose') this.#commands.rejected(message.id, 'no_leader');
    if (message.kind === 'read-index') this.#queries.rejected(message.id, 'no_leader');
  }
}
