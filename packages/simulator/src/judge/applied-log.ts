import type { MemberId } from '@flotilla/core';
import type { CommittedRequest } from '@flotilla/state-machine';
import type { World } from '../engine/world.ts';
import { digestBytes } from '../oracle/digest.ts';
import { type AppliedCommand, appliedCommands } from '../watch/applied-commands.ts';
import type { AppliedEntries, Observer } from '../watch/observer.ts';

/** A command in the log, and when it was first applied. */
export interface LoggedCommand extends AppliedCommand {
  /** In simulated milliseconds. */
  readonly appliedAt: number;
}

/** Everything that any member has applied, once, in the order of the log. */
export class AppliedLog implements Observer {
  readonly requests: CommittedRequest[] = [];
  /** Those of the requests in which the machine decided a command of a client. */
  readonly commands: LoggedCommand[] = [];
  readonly #world: World;
  #lastIndex = 0;

  constructor(world: World) {
    this.#world = world;
  }

  onApplied(_member: MemberId, entries: AppliedEntries): void {
    const { requests } = entries;
    const before = this.#lastIndex;
    const last = requests.at(-1)?.index ?? 0;
    if (last <= before) return;
    const { now, trace } = this.#world;
    for (const request of requests) {
      if (request.index <= before) continue;
      this.requests.push(request);
      // What is in the log belongs to the trace: two runs may do the same with different contents.
      trace.note(now, 'committed', 0, request.index, digestBytes(request.payload), request.time);
    }
    for (const command of appliedCommands(entries, before)) this.commands.push({ ...command, appliedAt: now });
    this.#lastIndex = last;
  }
}
