import { FlotillaError, type GroupId, isFlotillaError, type MemberId, type MemberInfo } from '@flotilla/core';
import { createHost, type Group, type Host, hostConfig, recorderConfig, tokens } from '@flotilla/runtime';
import { isStorageError } from '@flotilla/storage';
import { ContainerModule } from 'inversify';
import { SimDisk } from '../disk/sim-disk.ts';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import { HostClock } from '../process/host-clock.ts';
import { SimProcess } from '../process/sim-process.ts';
import { Violation } from '../watch/violation.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { WatchedMachine } from './watched-machine.ts';
import { WatchedSnapshots } from './watched-snapshots.ts';

/** All members are of this one group. */
export const theGroup: GroupId = 1;

/** Monotonic clocks begin anywhere up to here, in milliseconds: machines were switched on at different times. */
const originMsMax = 1_000_000;

/** What a store says that cannot be used any more. */
const damages = new Set([
  'log_corrupted',
  'state_corrupted',
  'data_directory_unusable',
  'snapshot_missing',
  'snapshot_damaged',
  'cannot_heal',
]);

/** What a host is doing. `down`: it has no process. `failed`: it ended by itself, and `failure` says why. */
export type HostCondition = 'down' | 'starting' | 'up' | 'failed';

/** A machine of the cluster: a disk, a clock, and one process after another that runs the production host. */
export class SimHost {
  /** Its place in the cluster; unlike the member's number, it stays when the member is replaced. */
  readonly slot: number;
  /** Its members are witnesses, the first as well as those that replace it. */
  readonly witness: boolean;
  readonly clock: HostClock;
  readonly #parts: ClusterParts;
  readonly #world: World;
  readonly #random: SeededRandom;
  #member: MemberId;
  #founders: readonly MemberInfo[];
  #disk: SimDisk;
  #process: SimProcess | null = null;
  #host: Host | null = null;
  #condition: HostCondition = 'down';
  #failure: unknown = null;
  /** Its last process took part. */
  #wasUp = false;
  #healedBefore = 0;
  #lives = 0;
  /** Which of the builds it runs: hosts of one cluster may run different ones. */
  build = 0;

  constructor(slot: number, founders: readonly MemberInfo[], parts: ClusterParts) {
    this.slot = slot;
    this.#parts = parts;
    this.#world = parts.world;
    this.#random = parts.random.fork(`host ${slot}`);
    this.#member = slot + 1;
    this.#founders = founders;
    this.witness = founders[slot]?.witness ?? false;
    this.clock = new HostClock(parts.world, this.#random.integer(0, originMsMax), this.#random.integer(0, parts.clockSkewMs));
    this.#disk = this.#newDisk();
  }

  get member(): MemberId {
    return this.#member;
  }

  get disk(): SimDisk {
    return this.#disk;
  }

  get process(): SimProcess | null {
    return this.#process;
  }

  get condition(): HostCondition {
    return this.#condition;
  }

  /** Why its last process ended by itself. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Its data is damaged beyond what heals, or gone, so that it must not go on as the member that it was. What a running process finds
   * damaged heals, or does not, when the next one starts.
   */
  get damaged(): boolean {
    return this.#condition === 'failed' && !this.#wasUp && isDamage(this.#failure);
  }

  /** It is sure to have everything that it ever promised. */
  get whole(): boolean {
    const { recovering } = this.#disk.durable(theGroup).hardState;
    const inDoubt = this.#condition === 'starting' || (this.#condition === 'failed' && isDamage(this.#failure));
    return !inDoubt && !recovering;
  }

  /** How often its disks had lost something that its members could recover from others. */
  get healed(): number {
    return this.#healedBefore + this.#disk.counts.healed;
  }

  /** Its replica of the group, while its process takes part. */
  get group(): Group | null {
    return this.#condition === 'up' ? (this.#host?.group(theGroup) ?? null) : null;
  }

  get clientAddress(): string {
    return clientAddress(this.#member);
  }

  /** Begins a process, unless there is one. What becomes of it is seen in `condition`. */
  start(): void {
    if (this.#condition === 'up' || this.#condition === 'starting') return;
    const { builds, watch, network, turnMs } = this.#parts;
    const member = this.#member;
    const life = ++this.#lives;
    const random = this.#random.fork(`life ${life}`);
    const process = new SimProcess({ world: this.#world, clock: this.clock, random: random.fork('turns'), turnMs });
    const disk = this.#disk;
    const build = builds[this.build % builds.length] ?? {};
    this.#process = process;
    this.#condition = 'starting';
    this.#failure = null;
    this.#wasUp = false;
    try {
      const stores = disk.open(process);
      const space = stores.stateStore.space(theGroup);
      const machine = new WatchedMachine(this.#parts.machine(space, this.slot), member, watch, this.#parts.digestEvery);
      machine.recoveredAt(stores.stateStore.applied(theGroup));
      const snapshots = new WatchedSnapshots(stores.snapshotStore, (info, state) => {
        if (!process.alive) return;
        watch.tell('onRestored', member, info, state);
        machine.restoredTo(info.index);
      });
      const identity = { incarnation: disk.incarnation, admit: (peer: MemberId, incarnation: string) => disk.admit(peer, incarnation) };
      const drawn = random.fork('draws');
      const { snapshot, effects, stateComparisonMs } = this.#parts;
      const host = createHost({
        config: hostConfig({
          member,
          groups: [{ id: theGroup, founders: this.#founders, witness: this.witness, ...(snapshot && { snapshot }) }],
          raft: { ...this.#parts.raft, ...build.raft },
          limits: { ...this.#parts.limits, ...build.limits },
          stateComparisonMs,
        }),
        modules: [
          new ContainerModule(({ bind }) => {
            bind(tokens.logStore).toConstantValue(stores.logStore);
            bind(tokens.stateStore).toConstantValue(stores.stateStore);
            bind(tokens.snapshotStore).toConstantValue(snapshots);
            bind(tokens.roomWatch).toConstantValue(stores.roomWatch);
            bind(tokens.transport).toConstantValue(network.transport({ member, process, identity }));
            bind(tokens.machineFactory).toConstantValue(() => machine);
            if (effects) bind(tokens.effectHandlers).toConstantValue(() => effects);
            bind(tokens.clock).toConstantValue(process);
            bind(tokens.scheduler).toConstantValue(process);
            bind(tokens.random).toConstantValue(() => drawn.next());
            bind(tokens.recorderConfig).toConstantValue(recorderConfig({ stepsMax: 1, bytesMax: 1 }));
          }),
          ...(this.#parts.modules?.(member) ?? []),
        ],
      });
      this.#host = host;
      host.onFailure((reason) => this.#ended(process, reason));
      host.start().then(
        () => this.#took(process, host),
        (reason: unknown) => this.#ended(process, reason),
      );
    } catch (error) {
      this.#ended(process, error);
    }
  }

  /** As kill -9 does: what was written stays written, whether it was synced or not. */
  kill(): void {
    if (this.#process !== null) this.#endLife('down', 'reset');
  }

  /** As a power cut does: what was not synced may be lost. */
  cutPower(): void {
    if (this.#process !== null) this.#endLife('down', 'silent');
    this.#disk.powerCut();
  }

  /** The process ends, and its disk loses everything; with `keepIdentity`, all but the files that say whose it was. */
  wipe(options: { readonly keepIdentity: boolean }): void {
    this.kill();
    this.#disk.wipe(options);
    this.#parts.watch.tell('onWiped', this.#member);
  }

  /** The machine stands for another member from now on: with an empty disk and no process. It joins when it is added. */
  replace(member: MemberId): void {
    this.kill();
    this.#member = member;
    this.#founders = [];
    this.#condition = 'down';
    this.#failure = null;
    this.#healedBefore += this.#disk.counts.healed;
    this.#disk = this.#newDisk();
  }

  #took(process: SimProcess, host: Host): void {
    if (process !== this.#process || !process.alive) return;
    this.#condition = 'up';
    this.#wasUp = true;
    const { watch } = this.#parts;
    const member = this.#member;
    let begun = false;
    host.group(theGroup).raft$.subscribe((step) => {
      if (!begun) watch.tell('onStarted', member, step.before, this.#disk.durable(theGroup));
      begun = true;
      watch.tell('onStep', member, step);
    });
  }

  /** A process that cannot go on ends, as the command line's does. */
  #ended(process: SimProcess, reason: unknown): void {
    if (process !== this.#process || !process.alive) return;
    this.#failure = reason;
    this.#endLife('failed', 'reset');
    // A disk may fail, and others see to that. Anything else is a defect: of the machine, or of what runs it.
    const isDefect = !isStorageError(reason) && !isDamage(reason) && !this.#parts.mayEnd?.(reason);
    if (isDefect) this.#parts.world.fail(failedMember(this.#member, reason));
  }

  /** A machine that goes on without the process resets its connections; one that has lost its power says nothing. */
  #endLife(condition: HostCondition, connections: 'reset' | 'silent'): void {
    const process = this.#process;
    process?.kill();
    this.#process = null;
    this.#host = null;
    this.#condition = condition;
    this.#parts.watch.tell('onEnded', this.#member);
    if (connections === 'reset') this.#parts.network.killed(this.#member);
    if (process !== null) this.#parts.onProcessEnded(process);
  }

  #newDisk(): SimDisk {
    const { world, watch, diskProfile } = this.#parts;
    const member = this.#member;
    const disk = new SimDisk({ world, random: this.#random.fork(`disk ${member}`), profile: diskProfile() });
    disk.onDurable((group, log) => {
      if (group === theGroup) watch.tell('onDurable', member, log);
    });
    disk.onHealed((group, log) => {
      if (group === theGroup) watch.tell('onHealed', member, log);
    });
    return disk;
  }
}

function isDamage(reason: unknown): boolean {
  return isFlotillaError(reason) && damages.has(reason.code);
}

function failedMember(member: MemberId, reason: unknown): Violation {
  const hint = reason instanceof FlotillaError ? reason.hint : (reason instanceof Error && reason.stack) || undefined;
  return new Violation('members-go-on', `member ${member} stopped: ${reason instanceof Error ? reason.message : String(reason)}`, hint);
}

export function clientAddress(member: MemberId): string {
  return `client-${member}:80`;
}

export function peerAddress(member: MemberId): string {
  return `peer-${member}:70`;
}
