import { encodeRequest, type GroupRequest } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import type { Applied, CallOptions } from './group.ts';
import { Member } from './member.ts';
import { PendingCommands } from './pending-commands.ts';
import { commandUnfitness } from './standing.ts';

/** Brings requests into the group's log and back with what came of them: those of clients, and those of the group's own keepers. */
@injectable()
export class Proposer {
  readonly #member: Member;
  readonly #commands: PendingCommands;

  constructor(@inject(Member) member: Member, @inject(PendingCommands) commands: PendingCommands) {
    this.#member = member;
    this.#commands = commands;
  }

  /** Resolves once the request is applied here. Rejects with a `RuntimeError`, which says whether it may still be. */
  async propose(request: GroupRequest, options: CallOptions): Promise<Applied> {
    return this.submit(encodeRequest(request), options);
  }

  /** The same for a request that is encoded already. */
  async submit(payload: Uint8Array, options: CallOptions): Promise<Applied> {
    this.assertTakesCommands();
    const applied = this.#commands.submit(payload, options);
    this.#member.wake();
    return applied;
  }

  /** Throws a `RuntimeError` where this member is not one that takes commands. */
  assertTakesCommands(): void {
    const unfit = commandUnfitness(this.#member.state, this.#member.standing);
    if (unfit !== null) throw unfit;
  }
}
