import { FlotillaError, type GroupId, type MemberId } from '@flotilla/core';
import type { LogStore, StateStore } from '@flotilla/storage';
import type { GroupMessage, Transport } from '@flotilla/transport';
import { Container, inject, injectable } from 'inversify';
import { DurableWriter } from './durable-writer.ts';
import { FailStop } from './fail-stop.ts';
import type { Group } from './group.ts';
import { groupContainer } from './group-container.ts';
import type { HostConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { LocalGroup } from './local-group.ts';
import { Member } from './member.ts';
import type { Logger } from './ports.ts';
import { tokens } from './tokens.ts';

interface RunningGroup {
  readonly member: Member;
  readonly journal: Journal;
  readonly group: LocalGroup;
}

/** One process's share of a cluster: its members of all groups over one transport and one storage. */
@injectable()
export class Host {
  readonly #config: HostConfig;
  readonly #container: Container;
  readonly #logStore: LogStore;
  readonly #stateStore: StateStore;
  readonly #transport: Transport;
  readonly #writer: DurableWriter;
  readonly #failStop: FailStop;
  readonly #logger: Logger;
  readonly #groups = new Map<GroupId, RunningGroup>();
  #stopping: Promise<void> | null = null;

  constructor(
    @inject(tokens.hostConfig) config: HostConfig,
    @inject(Container) container: Container,
    @inject(tokens.logStore) logStore: LogStore,
    @inject(tokens.stateStore) stateStore: StateStore,
    @inject(tokens.transport) transport: Transport,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#config = config;
    this.#container = container;
    this.#logStore = logStore;
    this.#stateStore = stateStore;
    this.#transport = transport;
    this.#writer = writer;
    this.#failStop = failStop;
    this.#logger = logger;
  }

  /** Loads every group from disk, begins to listen, and takes part. On failure everything that was opened is closed. */
  async start(): Promise<void> {
    try {
      for (const config of this.#config.groups) {
        const container = groupContainer(this.#container, config);
        const running = { member: container.get(Member), journal: container.get(Journal), group: container.get(LocalGroup) };
        await running.member.load();
        this.#groups.set(config.id, running);
      }
      await this.#transport.start((from, messages) => this.#receive(from, messages));
      this.#failStop.onTrip((reason) => this.#abandonCalls(reason));
      for (const { member } of this.#groups.values()) member.start();
      this.#logger.info({ member: this.#config.member, groups: this.#config.groups.length }, 'member started');
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  group(id: GroupId): Group {
    const running = this.#groups.get(id);
    if (running) return running.group;
    throw new FlotillaError(
      'unknown_group',
      `this host has no group ${id}`,
      `Its groups: ${[...this.#groups.keys()].join(', ') || 'none'}.`,
    );
  }

  /** Calls `listener` once if this host has to stop by itself: its disk or a machine failed. Then call `stop`. */
  onFailure(listener: (reason: unknown) => void): void {
    this.#failStop.onTrip(listener);
  }

  /** Ends all calls, waits for the write under way, closes transport and storage. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const { member } of this.#groups.values()) member.stop();
    await this.#transport.close();
    await this.#writer.idle();
    for (const { journal } of this.#groups.values()) await journal.stop();
    await this.#stateStore.close();
    await this.#logStore.close();
    this.#logger.info({ member: this.#config.member }, 'member stopped');
  }

  #receive(from: MemberId, messages: readonly GroupMessage[]): void {
    for (const { group, message } of messages) this.#groups.get(group)?.member.receive(from, message);
  }

  #abandonCalls(reason: unknown): void {
    for (const { member } of this.#groups.values()) member.stop(reason);
  }
}
