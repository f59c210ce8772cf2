import type { MemberId } from '@flotilla/core';
import type { CommittedCommand } from '@flotilla/state-machine';
import type { AppliedCommands, Observer } from '../watch/observer.ts';

/** Every command that any member has applied, once, in the order of the log. */
export class AppliedLog implements Observer {
  readonly commands: CommittedCommand[] = [];
  #lastIndex = 0;

  onApplied(_member: MemberId, { commands }: AppliedCommands): void {
    if ((commands.at(-1)?.index ?? 0) <= this.#lastIndex) return;
    for (const command of commands) {
      if (command.index <= this.#lastIndex) continue;
      this.commands.push(command);
      this.#lastIndex = command.index;
    }
  }
}
