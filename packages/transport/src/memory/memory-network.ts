import type { MemberId } from '@flotilla/core';
import { type Standing, standingOf } from '../standing.ts';
import type { GroupMessage, OnReachability, Peers, Receive } from '../transport.ts';
import { TransportError } from '../transport-error.ts';
import { MemoryLink, type Schedule } from './memory-link.ts';
import { MemoryTransport } from './memory-transport.ts';

export interface MemoryNetworkOptions {
  /** When messages arrive. Default: `setImmediate`. */
  readonly schedule?: Schedule;
  /** Bound of the bytes on their way from one member to another. Default: 64 MiB. */
  readonly queueBytesMax?: number;
}

/** What a started transport brings to the network. */
export interface Attachment {
  readonly receive: Receive;
  readonly onReachability: OnReachability;
  readonly peers: Peers;
}

interface Station extends Attachment {
  /** Whom it was told to be reachable. */
  readonly told: Set<MemberId>;
}

interface Direction {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly link: MemoryLink;
}

/** Decides whether one message gets lost on its way. */
export type DropRule = (from: MemberId, to: MemberId, message: GroupMessage) => boolean;

/**
 * A network within one process, for tests: messages pass through the wire codec, arrive asynchronously and in order,
 * and links, members and single messages can be made to fail. That a member became reachable, or stopped to be, is told
 * through the same scheduler; what changed back before that is not.
 */
export class MemoryNetwork {
  readonly #schedule: Schedule;
  readonly #queueBytesMax: number;
  readonly #stations = new Map<MemberId, Station>();
  readonly #directions = new Map<string, Direction>();
  readonly #cut = new Set<string>();
  readonly #down = new Set<MemberId>();
  readonly #dropRules = new Set<DropRule>();
  #tellScheduled = false;

  constructor({ schedule = setImmediate, queueBytesMax = 64 * 1024 * 1024 }: MemoryNetworkOptions = {}) {
    this.#schedule = (task) => void schedule(task);
    this.#queueBytesMax = queueBytesMax;
  }

  /** A transport for `member`, not started yet. A restarted member gets a new one, after the old one was closed. */
  transport(member: MemberId): MemoryTransport {
    return new MemoryTransport(this, member);
  }

  /** Breaks the connection of two members in both directions; what is on its way is lost. */
  cut(one: MemberId, other: MemberId): void {
    this.cutOneWay(one, other);
    this.cutOneWay(other, one);
  }

  /** Breaks one direction only. The sender notices: its `send` returns false. */
  cutOneWay(from: MemberId, to: MemberId): void {
    this.#cut.add(key(from, to));
    this.#changed();
  }

  /** Undoes `cut` and `cutOneWay` between two members. */
  heal(one: MemberId, other: MemberId): void {
    this.#cut.delete(key(one, other));
    this.#cut.delete(key(other, one));
    this.#changed();
  }

  healAll(): void {
    this.#cut.clear();
    this.#changed();
  }

  /** Takes a member off the network, without its transport being closed; what is on its way from or to it is lost. */
  takeDown(member: MemberId): void {
    this.#down.add(member);
    this.#changed();
  }

  bringUp(member: MemberId): void {
    this.#down.delete(member);
    this.#changed();
  }

  /** Silently loses messages that `rule` picks, on their way. Returns how to remove the rule. */
  dropWhere(rule: DropRule): () => void {
    this.#dropRules.add(rule);
    return () => void this.#dropRules.delete(rule);
  }

  /** @internal Called by {@link MemoryTransport}. */
  attach(member: MemberId, attachment: Attachment): void {
    if (this.#stations.has(member)) {
      throw new TransportError('port_in_use', `member ${member} is on this network already`, 'Close its other transport first.');
    }
    this.#stations.set(member, { ...attachment, told: new Set() });
    this.#changed();
  }

  /** @internal Called by {@link MemoryTransport}. */
  setPeers(member: MemberId, peers: Peers): void {
    const station = this.#stations.get(member);
    if (station) this.#stations.set(member, { ...station, peers });
    this.#changed();
  }

  /** @internal Called by {@link MemoryTransport}. */
  detach(member: MemberId): void {
    this.#stations.delete(member);
    this.#changed();
  }

  /** @internal Called by {@link MemoryTransport}. */
  send(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): boolean {
    if (!this.#reaches(from, to)) return false;
    return messages.length === 0 || this.#link(from, to).send(messages);
  }

  /** Over a connection of its own; or, to one that it does not know yet, because that one has connected to it. */
  #reaches(from: MemberId, to: MemberId): boolean {
    if (this.#connects(from, to)) return true;
    return this.#regards(from, to) === 'guest' && !this.#cut.has(key(from, to)) && this.#connects(to, from);
  }

  #connects(from: MemberId, to: MemberId): boolean {
    if (from === to || this.#down.has(from) || this.#down.has(to) || this.#cut.has(key(from, to))) return false;
    const letsIn = this.#regards(to, from);
    return this.#regards(from, to) === 'peer' && (letsIn === 'peer' || letsIn === 'guest');
  }

  /** What `other` is to `member`; nothing, where that one is not on the network. */
  #regards(member: MemberId, other: MemberId): Standing | null {
    const station = this.#stations.get(member);
    return station ? standingOf(station.peers, other) : null;
  }

  #link(from: MemberId, to: MemberId): MemoryLink {
    let direction = this.#directions.get(key(from, to));
    if (!direction) {
      const link = new MemoryLink(this.#schedule, this.#queueBytesMax, (messages) => this.#deliver(from, to, messages));
      direction = { from, to, link };
      this.#directions.set(key(from, to), direction);
    }
    return direction.link;
  }

  #deliver(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): void {
    const kept = messages.filter((message) => ![...this.#dropRules].some((rule) => rule(from, to, message)));
    if (kept.length > 0) this.#stations.get(to)?.receive(from, kept);
  }

  /** Loses what can no longer arrive, and lets the members know soon. */
  #changed(): void {
    for (const { from, to, link } of this.#directions.values()) if (!this.#reaches(from, to)) link.lose();
    if (this.#tellScheduled) return;
    this.#tellScheduled = true;
    this.#schedule(() => {
      this.#tellScheduled = false;
      for (const member of [...this.#stations.keys()]) this.#tell(member);
    });
  }

  #tell(member: MemberId): void {
    for (const peer of new Set([...this.#stations.keys(), ...(this.#stations.get(member)?.told ?? [])])) {
      // Looked up again for each: a callback may have closed the transport.
      const station = this.#stations.get(member);
      const reachable = this.#reaches(member, peer);
      if (station === undefined || station.told.has(peer) === reachable) continue;
      if (reachable) station.told.add(peer);
      else station.told.delete(peer);
      station.onReachability(peer, reachable);
    }
  }
}

function key(from: MemberId, to: MemberId): string {
  return `${from}→${to}`;
}
