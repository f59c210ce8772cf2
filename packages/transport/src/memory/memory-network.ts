import type { MemberId } from '@flotilla/core';
import type { GroupMessage, Receive } from '../transport.ts';
import { TransportError } from '../transport-error.ts';
import { MemoryLink, type Schedule } from './memory-link.ts';
import { MemoryTransport } from './memory-transport.ts';

export interface MemoryNetworkOptions {
  /** When messages arrive. Default: `setImmediate`. */
  readonly schedule?: Schedule;
  /** Bound of the bytes on their way from one member to another. Default: 64 MiB. */
  readonly queueBytesMax?: number;
}

/** Decides whether one message gets lost on its way. */
export type DropRule = (from: MemberId, to: MemberId, message: GroupMessage) => boolean;

/**
 * A network within one process, for tests: messages pass through the wire codec, arrive asynchronously and in order,
 * and links, members and single messages can be made to fail.
 */
export class MemoryNetwork {
  readonly #schedule: Schedule;
  readonly #queueBytesMax: number;
  readonly #receivers = new Map<MemberId, Receive>();
  readonly #links = new Map<string, MemoryLink>();
  readonly #cut = new Set<string>();
  readonly #down = new Set<MemberId>();
  readonly #dropRules = new Set<DropRule>();

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
    this.#cut.add(linkKey(from, to));
    this.#links.get(linkKey(from, to))?.lose();
  }

  /** Undoes `cut` and `cutOneWay` between two members. */
  heal(one: MemberId, other: MemberId): void {
    this.#cut.delete(linkKey(one, other));
    this.#cut.delete(linkKey(other, one));
  }

  healAll(): void {
    this.#cut.clear();
  }

  /** Takes a member off the network, without its transport being closed; what is on its way from or to it is lost. */
  takeDown(member: MemberId): void {
    this.#down.add(member);
    this.#loseAll(member);
  }

  bringUp(member: MemberId): void {
    this.#down.delete(member);
  }

  /** Silently loses messages that `rule` picks, on their way. Returns how to remove the rule. */
  dropWhere(rule: DropRule): () => void {
    this.#dropRules.add(rule);
    return () => void this.#dropRules.delete(rule);
  }

  /** @internal Called by {@link MemoryTransport}. */
  attach(member: MemberId, receive: Receive): void {
    if (this.#receivers.has(member)) {
      throw new TransportError('port_in_use', `member ${member} is on this network already`, 'Close its other transport first.');
    }
    this.#receivers.set(member, receive);
  }

  /** @internal Called by {@link MemoryTransport}. */
  detach(member: MemberId): void {
    this.#receivers.delete(member);
    this.#loseAll(member);
  }

  /** @internal Called by {@link MemoryTransport}. */
  send(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): boolean {
    if (!this.#reaches(from, to)) return false;
    return messages.length === 0 || this.#link(from, to).send(messages);
  }

  #reaches(from: MemberId, to: MemberId): boolean {
    if (from === to || !this.#receivers.has(to)) return false;
    return !this.#down.has(from) && !this.#down.has(to) && !this.#cut.has(linkKey(from, to));
  }

  #link(from: MemberId, to: MemberId): MemoryLink {
    const key = linkKey(from, to);
    let link = this.#links.get(key);
    if (!link) {
      link = new MemoryLink(this.#schedule, this.#queueBytesMax, (messages) => this.#deliver(from, to, messages));
      this.#links.set(key, link);
    }
    return link;
  }

  #deliver(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): void {
    const kept = messages.filter((message) => ![...this.#dropRules].some((rule) => rule(from, to, message)));
    if (kept.length > 0) this.#receivers.get(to)?.(from, kept);
  }

  #loseAll(member: MemberId): void {
    for (const [key, link] of this.#links) if (key.split('→').includes(String(member))) link.lose();
  }
}

function linkKey(from: MemberId, to: MemberId): string {
  return `${from}→${to}`;
}
