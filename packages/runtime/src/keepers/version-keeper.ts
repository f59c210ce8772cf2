import type { MemberId } from '@flotilla/core';
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
 *
 * A group that has no version yet begins with that of its first command, where programs have one version each. As soon as somebody has
 * several, and so a choice, all announce, and the leader proposes the newest that everybody can run.
 */
@injectable()
export class VersionKeeper implements Keeper {
  readonly #group: number;
  readonly #machine: ReplicatedMachine;
  readonly #view: GroupView;
  readonly #logger: Logger;
  readonly #announcing: RequestLane;
  readonly #activating: RequestLane;
  /** The version at the last look; null before there was one. */
  #version: number | null = null;
  #reportedConflict = false;

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
    if (this.#view.isReplaying) return;
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
    const { name, service } = this.#machine;
    const from = this.#version;
    const version = service.activeVersion;
    this.#version = version;
    if (from === null || from === version) return;
    this.#logger.info({ group: this.#group, machine: name, from, version }, 'another version of the machine applies from here on');
  }

  /** Also where this program can run less than the one before: nothing may be activated that it does not have. */
  #hasNews(): boolean {
    const { versions, service } = this.#machine;
    const announced = service.announced(this.#view.self);
    if (announced !== null) return !isSame(announced, versions);
    if (service.activeVersion !== null) return versions.newest > service.activeVersion;
    return versions.oldest < versions.newest || this.#view.statefulMembers.some((member) => service.announced(member) !== null);
  }

  #activateNext(): void {
    const members = this.#view.statefulMembers;
    const known = members.map((member) => this.#machine.service.announced(member));
    const ranges = known.filter((range) => range !== null);
    // This program may have another range than the one before it, which counts until everybody knows better.
    if (ranges.length < members.length || this.#hasNews()) return;
    const { activeVersion } = this.#machine.service;
    const newest = Math.min(...ranges.map((range) => range.newest));
    if (activeVersion === null && ranges.some(({ oldest }) => oldest > newest)) return this.#reportConflict(members);
    // One version at a time, as each knows how to take over from the one before.
    const version = activeVersion === null ? newest : activeVersion + 1;
    if (newest < version) return;
    this.#logger.info({ group: this.#group, version, members }, 'every member can run this version of the machine, which comes into use');
    this.#activating.propose({ kind: 'activate-version', version, members });
  }

  #reportConflict(members: readonly MemberId[]): void {
    if (this.#reportedConflict) return;
    this.#reportedConflict = true;
    const programs = members.map((member) => ({ member, ...this.#machine.service.announced(member) }));
    const message =
      'no version of the machine can be run by every member, so this group cannot begin: start programs that have one in common';
    this.#logger.error({ group: this.#group, machine: this.#machine.name, programs }, message);
  }
}

function isSame(a: VersionRange, b: VersionRange): boolean {
  return a.oldest === b.oldest && a.newest === b.newest;
}
