import type { MemberId, MembershipChange } from '@flotilla/core';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import { clientAddress, peerAddress, type SimHost } from '../cluster/sim-host.ts';
import type { World } from '../engine/world.ts';

/** How the operator changes the cluster: with the production client. */
export interface AdminClient {
  changeMembership(change: MembershipChange): Promise<unknown>;
  /** The numbers of the members as the leader sees them, and whether they are being changed; null where the leader does not say. */
  members(): Promise<{ readonly ids: readonly MemberId[]; readonly changing: boolean } | null>;
}

/** How often the operator looks around, in milliseconds. */
const roundMs = 250;

/**
 * Who runs the cluster: starts processes that ended, and replaces members whose data is damaged or gone, one at a time, as
 * the operations manual says.
 */
export class Operator {
  readonly #world: World;
  readonly #cluster: SimCluster;
  readonly #client: AdminClient;
  readonly #held = new Map<SimHost, number>();
  readonly #toReplace = new Set<SimHost>();
  /** Hosts whose data may be damaged, and for how many reasons. */
  readonly #suspects = new Map<SimHost, number>();
  #replacing: SimHost | null = null;
  /** The highest number that was given to a member: each is used once. */
  #highest: MemberId;
  #ended = false;

  constructor(world: World, cluster: SimCluster, client: AdminClient) {
    this.#world = world;
    this.#cluster = cluster;
    this.#client = client;
    this.#highest = cluster.highestMember;
    this.#lookAround();
  }

  /** Nobody is waiting to be replaced or being so, and nobody's data may be damaged. */
  get idle(): boolean {
    return this.#replacing === null && this.#toReplace.size === 0 && this.#suspects.size === 0;
  }

  /**
   * Whether a member may lose its data: all others must have theirs, so that they can go on, and heal or replace it. A witness may
   * know of entries that nobody else has then, and refuse everybody its vote: they must be able to do without it, too.
   */
  maySpare(host: SimHost): boolean {
    const { hosts } = this.#cluster;
    const leading = hosts.filter((each) => each !== host && (host.witness || !each.witness));
    const canElect = hosts.length >= 3 && 2 * leading.length > hosts.length;
    return this.idle && canElect && hosts.every((each) => (each === host ? !each.damaged : each.whole));
  }

  /** The host's data may be damaged without anybody knowing, until the returned function is called. */
  suspect(host: SimHost): () => void {
    return hold(this.#suspects, host);
  }

  /** Does not start the host, where it ends by itself, until the returned function is called. */
  hold(host: SimHost): () => void {
    return hold(this.#held, host);
  }

  /** The host's member is to leave, and another one to come in its place. False where that would be one too many. */
  replaceSoon(host: SimHost): boolean {
    if (!this.maySpare(host)) return false;
    this.replace(host);
    return true;
  }

  /** The host's data is gone. */
  replace(host: SimHost): void {
    this.#toReplace.add(host);
  }

  end(): void {
    this.#ended = true;
  }

  #lookAround(): void {
    if (this.#ended) return;
    for (const host of this.#cluster.hosts) {
      if (host.condition !== 'failed' || this.#held.has(host)) continue;
      if (host.damaged) this.#toReplace.add(host);
      else host.start();
    }
    const [next] = this.#toReplace;
    if (next !== undefined && this.#replacing === null) this.#replace(next);
    this.#world.after(roundMs, () => this.#lookAround());
  }

  /** Out with the old number, in with the new one; asked again until it is so, since any answer may be lost. */
  #replace(host: SimHost): void {
    this.#toReplace.delete(host);
    this.#replacing = host;
    const old = host.member;
    const id = ++this.#highest;
    host.replace(id);
    host.start();
    const round = async () => {
      const seen = await this.#client.members().catch(() => null);
      if (seen === null || seen.changing) return false;
      if (seen.ids.includes(id) && !seen.ids.includes(old)) return true;
      const add = seen.ids.includes(id)
        ? []
        : [
            {
              id,
              peerAddress: peerAddress(id),
              clientAddress: clientAddress(id),
              role: host.witness ? ('witness' as const) : ('voter' as const),
            },
          ];
      const remove = seen.ids.includes(old) ? [old] : [];
      await this.#client.changeMembership({ add, remove }).catch(() => {});
      return false;
    };
    const again = () => {
      if (this.#ended) return;
      round().then(
        (done) => {
          if (done) this.#replacing = null;
          else this.#world.after(roundMs, again);
        },
        (error: unknown) => this.#world.fail(error),
      );
    };
    again();
  }
}

/** Counts one more reason; returns how to take it back. */
function hold(reasons: Map<SimHost, number>, host: SimHost): () => void {
  reasons.set(host, (reasons.get(host) ?? 0) + 1);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    const left = (reasons.get(host) ?? 1) - 1;
    if (left > 0) reasons.set(host, left);
    else reasons.delete(host);
  };
}
