import type { MemberId, MemberInfo } from '@flotilla/core';
import type { ClusterParts } from './cluster-parts.ts';
import { clientAddress, peerAddress, SimHost } from './sim-host.ts';

export interface SimClusterOptions extends ClusterParts {
  /** How many voters found the cluster. */
  readonly members: number;
  /** How many of them are witnesses: the last ones. */
  readonly witnesses: number;
  /** Hosts besides, which found nothing: they join once they are started and added. Default 0. */
  readonly spares?: number;
}

/** The hosts of a simulated cluster. */
export class SimCluster {
  readonly hosts: readonly SimHost[];
  readonly #founders: readonly SimHost[];

  constructor({ members, witnesses, spares = 0, ...parts }: SimClusterOptions) {
    const founders = Array.from({ length: members }, (_, slot) => founder(slot + 1, slot >= members - witnesses));
    this.hosts = Array.from({ length: members + spares }, (_, slot) => new SimHost(slot, slot < members ? founders : [], parts));
    this.#founders = this.hosts.slice(0, members);
  }

  /** Starts everybody but the spares. */
  startAll(): void {
    for (const host of this.#founders) host.start();
  }

  host(slot: number): SimHost {
    const host = this.hosts[slot % this.hosts.length];
    if (host === undefined) throw new RangeError(`there is no host ${slot}`);
    return host;
  }

  /** Who runs this member, if anybody does. */
  hostOf(member: MemberId): SimHost | undefined {
    return this.hosts.find((host) => host.member === member);
  }

  /** Who answers at the address of a member. */
  hostAt(address: string): SimHost | null {
    return this.hosts.find((host) => host.clientAddress === address) ?? null;
  }

  /** The members' numbers, by slot. */
  get members(): readonly MemberId[] {
    return this.hosts.map(({ member }) => member);
  }

  /** The hosts that keep data, and so serve clients. */
  get serving(): readonly SimHost[] {
    return this.hosts.filter(({ witness }) => !witness);
  }

  /** The host that leads in the highest term, of those that think that they do. */
  leader(): SimHost | null {
    let leader: SimHost | null = null;
    let highest = -1;
    for (const host of this.hosts) {
      const status = host.group?.status();
      if (status?.role !== 'leader' || status.term <= highest) continue;
      leader = host;
      highest = status.term;
    }
    return leader;
  }

  /** The highest number that any host has had. */
  get highestMember(): MemberId {
    return Math.max(...this.members);
  }
}

function founder(id: MemberId, witness: boolean): MemberInfo {
  return { id, peerAddress: peerAddress(id), clientAddress: clientAddress(id), voter: true, witness, priority: 0 };
}
