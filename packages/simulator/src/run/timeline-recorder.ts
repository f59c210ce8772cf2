import type { Entry, MemberId, RaftEvent } from '@flotilla/core';
import type { RaftTransition } from '@flotilla/runtime';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { World } from '../engine/world.ts';
import type { Fault } from '../plan/fault.ts';
import type { TimelineLine } from '../timeline/timeline-line.ts';
import type { Observer } from '../watch/observer.ts';
import type { CallObserver, CallRecord } from '../workload/call-records.ts';

/** The most lines that are kept: what comes after the first so many is left out. */
const linesMax = 20_000;

/** Takes down what is worth telling of a run, for people who want to know what led to its end. */
export class TimelineRecorder implements Observer, CallObserver {
  readonly lines: TimelineLine[] = [];
  readonly #world: World;
  readonly #cluster: () => SimCluster;

  constructor(world: World, cluster: () => SimCluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  fault(fault: Fault, phase: 'begun' | 'ended'): void {
    const { kind, at: _, ...details } = fault;
    const slot = 'slot' in fault ? fault.slot : null;
    const member = slot === null ? null : this.#cluster().host(slot).member;
    const shown = Object.entries(details)
      .filter(([name]) => name !== 'slot')
      .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
    this.#add({ slot, member, kind: phase === 'begun' ? 'fault' : 'healed', text: phase === 'begun' ? kind + shown.join('') : kind });
  }

  violation(text: string): void {
    this.lines.push({ atMs: this.#world.now, slot: null, member: null, kind: 'violation', text });
  }

  onStarted(member: MemberId): void {
    this.#of(member, 'process', 'process takes part');
  }

  onEnded(member: MemberId): void {
    this.#of(member, 'process', 'process ended');
  }

  onStep(member: MemberId, { events, after }: RaftTransition): void {
    for (const event of events) {
      switch (event.kind) {
        case 'became-leader':
          this.#of(member, 'election', `leads term ${after.term}`);
          break;
        case 'snapshot-taken':
        case 'snapshot-installed':
          this.#of(member, 'snapshot', `${event.kind.slice(9)} as of entry ${event.snapshot.index}`);
          break;
        case 'entries-appended':
          if (after.role.kind === 'leader') this.#noteMemberships(member, event);
          break;
        default:
      }
    }
  }

  onCompleted({ client, serial, call, outcome, result }: CallRecord): void {
    if (outcome !== 'unknown' && outcome !== 'not-applied') return;
    this.#add({
      slot: null,
      member: null,
      kind: 'call',
      text: `client ${client}: call ${serial} (${call.name}) ${outcome}: ${String(result)}`,
    });
  }

  #noteMemberships(member: MemberId, { entries }: Extract<RaftEvent, { readonly kind: 'entries-appended' }>): void {
    for (const { kind, index } of entries as readonly Entry[])
      if (kind === 'membership') this.#of(member, 'membership', `logs a membership at ${index}`);
  }

  #of(member: MemberId, kind: TimelineLine['kind'], text: string): void {
    this.#add({ slot: this.#cluster().hostOf(member)?.slot ?? null, member, kind, text });
  }

  #add(line: Omit<TimelineLine, 'atMs'>): void {
    if (this.lines.length < linesMax) this.lines.push({ atMs: this.#world.now, ...line });
  }
}
