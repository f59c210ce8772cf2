import type { Effect, Entry, Message, Persist, RaftState, Replicate } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { DurableWriter } from './durable-writer.ts';
import type { GroupConfig } from './host-config.ts';
import { LogTail } from './log-tail.ts';
import { Outbox } from './outbox.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingOperations } from './pending-operations.ts';
import { PendingQueries } from './pending-queries.ts';
import type { InputAt } from './raft-step.ts';
import { Snapshots } from './snapshots.ts';
import { tokens } from './tokens.ts';

/** Most decisions send no entries. */
const nothingSent: readonly InputAt[] = [];

/** Carries out what a group's core asks for. */
@injectable()
export class EffectRunner {
  readonly #group: number;
  readonly #tail: LogTail;
  readonly #outbox: Outbox;
  readonly #writer: DurableWriter;
  readonly #applyLoop: ApplyLoop;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;
  readonly #operations: PendingOperations;
  readonly #snapshots: Snapshots;

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(LogTail) tail: LogTail,
    @inject(Outbox) outbox: Outbox,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(PendingCommands) commands: PendingCommands,
    @inject(PendingQueries) queries: PendingQueries,
    @inject(PendingOperations) operations: PendingOperations,
    @inject(Snapshots) snapshots: Snapshots,
  ) {
    this.#group = group.id;
    this.#tail = tail;
    this.#outbox = outbox;
    this.#writer = writer;
    this.#applyLoop = applyLoop;
    this.#commands = commands;
    this.#queries = queries;
    this.#operations = operations;
    this.#snapshots = snapshots;
    outbox.register(group.id, (message) => this.#onDropped(message));
  }

  /**
   * Carries out the effects of one decision, in their order, before the next input is decided. `state` is the one after it.
   * Returns how far each append went, which the core is told before it decides anything else.
   */
  run(effects: readonly Effect[], state: RaftState): readonly InputAt[] {
    let sent = nothingSent;
    for (const effect of effects) {
      if (effect.kind === 'replicate') sent = [...sent, this.#replicate(effect)];
      else this.#runOne(effect, state);
    }
    return sent;
  }

  #runOne(effect: Exclude<Effect, Replicate>, state: RaftState): void {
    switch (effect.kind) {
      case 'persist':
        return this.#persist(effect, state);
      case 'send':
        return this.#outbox.add(this.#group, effect.to, effect.message);
      case 'send-chunk':
        return this.#snapshots.send(effect);
      case 'store-chunk':
        return this.#snapshots.receive(effect);
      case 'restore-snapshot':
        return this.#snapshots.restore(effect, state.witness);
      case 'apply':
        return this.#applyLoop.advance(effect.through);
      case 'answer-read':
        return this.#queries.confirmed(effect.id, effect, this.#applyLoop.appliedIndex);
      case 'reject-read':
        return this.#queries.rejected(effect.id, effect.reason);
      case 'accept-proposal':
        return this.#commands.accepted(effect.id, effect.position, this.#applyLoop.appliedIndex);
      case 'reject-proposal':
        return this.#commands.rejected(effect.id, effect.reason);
      case 'accept-membership':
        return this.#operations.accepted(effect.id, { index: effect.index, membership: effect.membership });
      case 'accept-transfer':
        return this.#operations.accepted(effect.id, null);
      case 'reject-membership':
      case 'reject-transfer':
        return this.#operations.rejected(effect.id, effect.reason);
    }
  }

  #persist(effect: Persist, { log }: RaftState): void {
    const { base, truncateAfter, entries } = effect;
    if (base !== null) this.#tail.rebase(base.index, log.lastIndex - entries.length === base.index);
    if (truncateAfter !== null) this.#tail.truncateAfter(truncateAfter);
    this.#tail.append(entries);
    this.#writer.add(this.#group, effect);
  }

  #replicate({ to, term, prevIndex, prevTerm, lastIndex, bytesMax, commit, withoutPayloads }: Replicate): InputAt {
    const read = lastIndex > prevIndex ? this.#tail.read(prevIndex + 1, lastIndex, bytesMax) : [];
    const entries = withoutPayloads ? read.map(withoutPayload) : read;
    this.#outbox.add(this.#group, to, { kind: 'append', term, prevIndex, prevTerm, commit, entries });
    let bytes = 0;
    for (const { payload } of entries) bytes += payload.length;
    const sentIndex = entries.at(-1)?.index ?? prevIndex;
    return (now, wallTime) => ({ kind: 'append-sent', to, term, prevIndex, lastIndex: sentIndex, bytes, now, wallTime });
  }

  /** What certainly did not leave need not wait for its time limit. Everything else Raft sends again by itself. */
  #onDropped(message: Message): void {
    if (message.kind === 'propose') this.#commands.rejected(message.id, 'no_leader');
    if (message.kind === 'read-index') this.#queries.rejected(message.id, 'no_leader');
  }
}

/** As a witness gets it: memberships it needs to know, commands it does not. */
function withoutPayload(entry: Entry): Entry {
  return entry.kind === 'command' ? { ...entry, payload: new Uint8Array(0) } : entry;
}
