/**
 * Does for a group what has to be asked for by a member: that time passes, that an effect is done, that a version counts.
 *
 * Keepers decide nothing that counts: they propose, and what came of it is in the machine's replicated service. So each of them only
 * looks at how things are, and needs to remember nothing when leadership moves on.
 */
export interface Keeper {
  /** Something was applied, or this member's role, leader or membership changed: is there something to do? */
  look(): void;
  /** The member stops: nothing is proposed or waited for any more. */
  stop(): void;
}
