import { FlotillaError, type GroupId, type LogBase, type MemberId, peersOf } from '@flotilla/core';
import { installAmbientGuard } from '@flotilla/state-machine/determinism';
import type { LogStore, LogWrite, RoomWatch, StorageRoom } from '@flotilla/storage';
import type { GroupMessage, Transport } from '@flotilla/transport';
import { Container, inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { DurableWriter } from './durable-writer.ts';
import { FailStop } from './fail-stop.ts';
import type { Group } from './group.ts';
import { groupContainer } from './group-container.ts';
import type { HostConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { Housekeeping } from './keepers/housekeeping.ts';
import { LocalGroup } from './local-group.ts';
import { Member } from './member.ts';
import { PeerDirectory } from './peer-directory.ts';
import type { Logger } from './ports.ts';
import { RecordingWriter } from './recorder/recording-writer.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { Snapshots } from './snapshots.ts';
import { tokens } from './tokens.ts';

interface RunningGroup {
  readonly member: Member;
  readonly applyLoop: ApplyLoop;
  readonly journal: Journal;
  readonly group: LocalGroup;
  readonly housekeeping: Housekeeping;
  readonly recordings: RecordingWriter;
  readonly snapshots: Snapshots;
  readonly snapshotTaker: SnapshotTaker;
}

/** One process's share of a cluster: its members of all groups over one transport and one storage. */
@injectable()
export class Host {
  readonly #config: HostConfig;
  readonly #container: Container;
  readonly #transport: Transport;
  readonly #logStore: LogStore;
  readonly #writer: DurableWriter;
  readonly #peers: PeerDirectory;
  readonly #failStop: FailStop;
  readonly #logger: Logger;
  readonly #groups = new Map<GroupId, RunningGroup>();
  /** New groups, and what begins their logs. */
  readonly #founding = new Map<GroupId, LogWrite>();
  #removeGuard = () => {};
  #stopping: Promise<void> | null = null;

  constructor(
    @inject(tokens.hostConfig) config: HostConfig,
    @inject(Container) container: Container,
    @inject(tokens.transport) transport: Transport,
    @inject(tokens.logStore) logStore: LogStore,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(PeerDirectory) peers: PeerDirectory,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.logger) logger: Logger,
    @inject(tokens.roomWatch) room: RoomWatch,
  ) {
    this.#config = config;
    this.#container = container;
    this.#transport = transport;
    this.#logStore = logStore;
    this.#writer = writer;
    this.#peers = peers;
    this.#failStop = failStop;
    this.#logger = logger;
    room.onChange((now) => this.#logRoom(now));
    if (room.room !== 'ample') this.#logRoom(room.room);
  }

  /** Loads every group from disk, begins to listen, and takes part. Where that fails, the host has stopped again. */
  async start(): Promise<void> {
    if (this.#config.determinism === 'enforced') this.#removeGuard = installAmbientGuard();
    try {
      for (const config of this.#config.groups) {
        const container = groupContainer(this.#container, config);
        const running = {
          member: container.get(Member),
          applyLoop: container.get(ApplyLoop),
          journal: container.get(Journal),
          group: container.get(LocalGroup),
          housekeeping: container.get(Housekeeping),
          recordings: container.get(RecordingWriter),
          snapshots: container.get(Snapshots),
          snapshotTaker: container.get(SnapshotTaker),
        };
        const founding = await running.member.load();
        await running.journal.load();
        await running.snapshotTaker.start();
        running.housekeeping.start();
        if (founding !== null) this.#founding.set(config.id, founding);
        running.recordings.start();
        this.#groups.set(config.id, running);
      }
      this.#failStop.onTrip((reason) => this.#fail(reason));
      this.#peers.start();
      await this.#transport.start(
        (from, messages) => this.#receive(from, messages),
        (peer, reachable) => this.#reachabilityChanged(peer, reachable),
      );
      for (const [id, { member }] of this.#groups) if (!this.#founding.has(id)) member.start();
      await this.#beginNewGroups();
      for (const [group, { base }] of this.#founding) {
        const waitsFor = base === null ? [] : this.#notMet(base);
        this.#logger.info({ group, waitsFor }, 'a new group begins when all its founders have met');
      }
      this.#logger.info({ member: this.#config.member, groups: this.#config.groups.length }, 'member started');
    } catch (error) {
      await this.stop().catch((cause: unknown) => this.#logger.error({ err: cause }, 'could not stop after a failed start'));
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

  /** Ends this host for a reason that only whoever opened its stores can know, such as damage that was found on the disk. */
  fail(reason: unknown): void {
    this.#failStop.trip(reason);
  }

  /**
   * Writes what every group's member remembers of itself; returns the names of the recordings. Throws
   * `recording_files_missing` where the host was given no place for them.
   */
  async dumpRecordings(): Promise<readonly string[]> {
    const names: string[] = [];
    for (const { recordings } of this.#groups.values()) names.push(await recordings.dump());
    return names;
  }

  /**
   * Ends all calls, closes the transport, and waits for the writes under way. The stores stay open: whoever opened them
   * closes them. Safe to call twice.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#endGroups();
    this.#peers.stop();
    await this.#transport.close();
    await this.#writer.idle();
    // Groups wait for each other to store their states: all of them have to give up first.
    await Promise.all([...this.#groups.values()].map(({ snapshotTaker }) => snapshotTaker.stop()));
    for (const { journal, recordings, snapshots } of this.#groups.values()) {
      await snapshots.stop();
      await journal.stop();
      await recordings.stop();
    }
    this.#removeGuard();
    this.#logger.info({ member: this.#config.member }, 'member stopped');
  }

  /**
   * A member with a new directory takes part once every other founder has reached it and remembers its directory. So none that
   * has lost its data can take part again: somebody remembers what it had before.
   */
  async #beginNewGroups(): Promise<void> {
    const ready = [...this.#founding].filter(([, { base }]) => base === null || this.#notMet(base).length === 0);
    if (ready.length === 0) return;
    for (const [id] of ready) this.#founding.delete(id);
    await this.#logStore.write(ready.map(([, write]) => write));
    for (const [id] of ready) this.#groups.get(id)?.member.start();
  }

  #logRoom(room: StorageRoom): void {
    if (room === 'ample') this.#logger.info({ room }, 'there is room on the disk again');
    else if (room === 'scarce') this.#logger.warn({ room }, 'the disk is nearly full: make room before commands are refused');
    else this.#logger.error({ room }, 'the disk is full: commands are refused until there is room');
  }

  #notMet({ membership }: LogBase): readonly MemberId[] {
    return peersOf(membership, this.#config.member).filter((peer) => !this.#peers.hasMet(peer));
  }

  #receive(from: MemberId, messages: readonly GroupMessage[]): void {
    for (const { group, message } of messages) this.#groups.get(group)?.member.receive(from, message);
  }

  #reachabilityChanged(peer: MemberId, reachable: boolean): void {
    this.#peers.reachabilityChanged(peer, reachable);
    for (const { member } of this.#groups.values()) member.reachabilityChanged(peer, reachable);
    if (reachable && this.#founding.size > 0) this.#beginNewGroups().catch((error: unknown) => this.#failStop.trip(error));
  }

  /** Nobody may take a host for alive that answers for none of its groups: others sleep in that trust. */
  #fail(reason: unknown): void {
    this.#endGroups(reason);
    this.#peers.stop();
    this.#transport.close().catch((error: unknown) => this.#logger.error({ err: error }, 'could not close the transport'));
  }

  /** Ends all calls and stops deciding and applying; `reason` is why this host failed, if it did. */
  #endGroups(reason?: unknown): void {
    for (const { member, applyLoop, housekeeping, recordings } of this.#groups.values()) {
      housekeeping.stop();
      member.stop(reason);
      applyLoop.stop();
      if (reason !== undefined) void recordings.dumpFailure();
    }
  }
}
