import type { MemberId } from '@flotilla/core';
import type { NetworkFault } from './network-fault.ts';
import { checkLinkQuality, type LinkQuality } from './network-profile.ts';

/** Takes a fault back. Calling it again does nothing. */
export type Undo = () => void;

/**
 * What is wrong with a network right now. Faults add up, and each is taken back by what its method returns.
 *
 * A cut is noticed at once: connections break, attempts to connect fail. What is frozen is not: connections stay, what is
 * sent waits for the thaw, and after the liveness timeout it is given up.
 */
export class NetworkFaults {
  readonly #faults = new Set<NetworkFault>();
  readonly #changed: () => void;

  /** `changed` is called after every change. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  [Symbol.iterator](): Iterator<NetworkFault> {
    return this.#faults[Symbol.iterator]();
  }

  get size(): number {
    return this.#faults.size;
  }

  /**
   * Members of different groups do not reach each other. Those in no group reach everybody: `[[1], [2]]` leaves a third one
   * that both can reach.
   */
  partition(groups: readonly (readonly MemberId[])[]): Undo {
    const groupOf = new Map(groups.flatMap((members, group) => members.map((member) => [member, group] as const)));
    const touches = (from: MemberId, to: MemberId) => {
      const group = groupOf.get(from);
      const other = groupOf.get(to);
      return group !== undefined && other !== undefined && group !== other;
    };
    return this.#add({ kind: 'cut', touches });
  }

  /** The two do not reach each other; everybody else does. */
  cut(one: MemberId, other: MemberId): Undo {
    return this.#add({ kind: 'cut', touches: between(one, other) });
  }

  /** Nothing gets from one to the other; the opposite direction works. */
  cutOneWay(from: MemberId, to: MemberId): Undo {
    return this.#add({ kind: 'cut', touches: towards(from, to) });
  }

  /** Nobody reaches this member, and it reaches nobody, those included that come later. */
  isolate(member: MemberId): Undo {
    return this.#add({ kind: 'cut', touches: around(member) });
  }

  /** A black hole between the two. */
  freeze(one: MemberId, other: MemberId): Undo {
    return this.#add({ kind: 'frozen', touches: between(one, other) });
  }

  /** A black hole around this member: its cable was pulled. */
  silence(member: MemberId): Undo {
    return this.#add({ kind: 'frozen', touches: around(member) });
  }

  /** One direction takes so much longer, and carries no more than so much. */
  slow(from: MemberId, to: MemberId, { delayMs = 0, jitterMs = 0, bytesPerMs = Number.POSITIVE_INFINITY }: Partial<LinkQuality>): Undo {
    checkLinkQuality({ delayMs, jitterMs, bytesPerMs });
    return this.#add({ kind: 'slow', touches: towards(from, to), delayMs, jitterMs, bytesPerMs });
  }

  /** Chances of one direction in place of those of the profile; of several such faults the last one counts. */
  lossy(from: MemberId, to: MemberId, { loss = 0, duplication = 0, reordering = 0 }: Partial<LinkQuality>): Undo {
    checkLinkQuality({ loss, duplication, reordering });
    return this.#add({ kind: 'lossy', touches: towards(from, to), loss, duplication, reordering });
  }

  healAll(): void {
    if (this.#faults.size === 0) return;
    this.#faults.clear();
    this.#changed();
  }

  #add(fault: NetworkFault): Undo {
    this.#faults.add(fault);
    this.#changed();
    return () => {
      if (this.#faults.delete(fault)) this.#changed();
    };
  }
}

type Touches = NetworkFault['touches'];

function towards(from: MemberId, to: MemberId): Touches {
  return (sender, receiver) => sender === from && receiver === to;
}

function between(one: MemberId, other: MemberId): Touches {
  return (from, to) => (from === one && to === other) || (from === other && to === one);
}

function around(member: MemberId): Touches {
  return (from, to) => from === member || to === member;
}
