import type { MemberId } from '@flotilla/core';
import type { CommittedCommand } from '@flotilla/state-machine';
import type { World } from '../engine/world.ts';
import { digestBytes } from '../oracle/digest.ts';
import type { AppliedCommands, Observer } from '../watch/observer.ts';

/** Every command that any member has applied, once, in the order of the log. */
export class AppliedLog implements Observer {
  readonly commands: CommittedCommand[] = [];
  /** When each of them was first applied, in simulated milliseconds. */
  readonly times: number[] = [];
  readonly #world: World;
  #lastIndex = 0;

  constructor(world: World) {
    this.#world = world;
  }

  onApplied(_member: MemberId, { commands }: AppliedCommands): void {
    if ((commands.at(-1)?.index ?? 0) <= this.#lastIndex) return;
    for (const command of commands) {
      if (command.index <= this.#lastIndex) continue;
      this.commands.push(command);
      this.times.push(this.#world.now);
      // What is in the log belongs to the trace: two runs may do the same with different contents.
      this.#world.trace.note(this.#world.now, 'committed', 0, command.index, digestBytes(command.payload), command.time);
      this.#lastIndex = command.index;
    }
  }
}
