import type { ReplicatedMachine, VersionRange } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { FailStop } from '../fail-stop.ts';
import type { GroupConfig } from '../host-config.ts';
import type { Logger, Scheduler } from '../ports.ts';
import { Proposer } from '../proposer.ts';
import { tokens } from '../tokens.ts';
import { GroupView } from './group-view.ts';
import type { Keeper } from './keeper.ts';
import { RequestLane } from './request-lane.ts';

/** After an entry of this kind the next one waits so many milliseconds: whatever a member proposes in vain is not proposed all the time. */
const pauseMs = 250;

/**
 * Brings a new version of the machine into use. Each member announces what its program can run; once everybody who keeps state can
 * run the next version, the leader proposes that it counts from there on.
 */
@injectable()
export class VersionKeeper implements Keeper {
  readonly #group: number;
  readonly #machine: ReplicatedMachine;
  readonly #view: GroupView;
  readonly #logger: Logger;
  readonly #announcing: RequestLane;
  readonly #activating: RequestLane;
  /** The version at the last look; null before the first. */
  #version: number | null = null;

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(GroupView) view: GroupView,
    @inject(Proposer) proposer: Proposer,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#group = group.id;
    this.#machine = machine;
    this.#view = view;
    this.#logger = logger;
    this.#announcing = new RequestLane(proposer, scheduler, failStop, pauseMs, () => this.look());
    this.#activating = new RequestLane(proposer, scheduler, failStop, pauseMs, () => this.look());
  }

  look(): void {
    if (!this.#view.mayPropose) return;
    this.#logChange();
    if (this.#announcing.isFree && this.#hasNews()) {
      this.#announcing.propose({ kind: 'announce-versions', member: this.#view.self, versions: this.#machine.versions });
    }
    if (this.#activating.isFree && this.#view.leadingTerm !== null) this.#activateNext();
  }

  stop(): void {
    this.#announcing.stop();
    this.#activating.stop();
  }

  #logChange(): void {
    const { name, version } = this.#machine;
    const from = this.#version;
    this.#version = version;
    if (from === null || from === version) return;
    this.#logger.info({ group: this.#group, machine: name, from, version }, 'another version of the machine applies from here on');
  }

  /** Also where this program can run less than the one before: nothing may be activated that it does not have. */
  #hasNews(): boolean {
    const { version, versions, service } = this.#machine;
    const announced = service.announced(this.#view.self);
    return announced === null ? versions.newest > version : !isSame(announced, versions);
  }

  /** One version at a time, as each knows how to take over from the one before. */
  #activateNext(): void {
    const { version, versions, service } = this.#machine;
    const next = version + 1;
    if (versions.newest < next) return;
    const members = this.#view.statefulMembers;
    if (!members.every((member) => (service.announced(member)?.newest ?? 0) >= next)) return;
    this.#logger.info({ group: this.#group, version: next, members }, 'every member can run the next version of the machine');
    this.#activating.propose({ kind: 'activate-version', version: next, members });
  }
}

function isSame(a: VersionRange, b: VersionRange): boolean {
  return a.oldest === b.oldest && a.newest === b.newest;
}
