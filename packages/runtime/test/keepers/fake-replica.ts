import {
  type AppliedRequest,
  type Command,
  type CommittedRequest,
  type Divergence,
  decodeCommand,
  decodeRequest,
  decodeValue,
  encodeCommand,
  encodeRequest,
  encodeValue,
  type GroupRequest,
  type PendingEffect,
  type ReplicatedMachine,
  type VersionRange,
} from '@flotilla/state-machine';

interface State {
  version: number;
  /** What happened, in order. */
  readonly history: string[];
  readonly due: { at: number; name: string }[];
  readonly outbox: PendingEffect[];
  outboxRevision: number;
  readonly announced: [number, VersionRange][];
  readonly reports: [number, number][];
  comparing: readonly number[] | null;
  changed: boolean;
  divergence: Divergence | null;
  disagreement: Divergence | null;
}

/**
 * A replica in the simplest way, of a machine that only remembers what it was told: for tests of what keepers propose. Its state is
 * spoilt on members for which `spoilt` says so, so that their digest is another one.
 */
export class FakeReplica implements ReplicatedMachine {
  readonly name = 'fake';
  readonly space = undefined;
  readonly versions: VersionRange;
  readonly #spoilt: number;
  #state: State;

  constructor(versions: VersionRange = { oldest: 1, newest: 1 }, spoilt = 0) {
    this.versions = versions;
    this.#spoilt = spoilt;
    const nothing = { history: [], due: [], outbox: [], outboxRevision: 0, announced: [], reports: [] };
    this.#state = { ...nothing, version: 1, comparing: null, changed: false, divergence: null, disagreement: null };
  }

  get version(): number {
    return this.#state.version;
  }

  get service() {
    const { version, due, outbox, outboxRevision, announced, reports, comparing, changed, divergence, disagreement } = this.#state;
    return {
      dueAt: due.length === 0 ? null : Math.min(...due.map(({ at }) => at)),
      activeVersion: version,
      outboxRevision,
      pendingEffects: (max: number) => outbox.slice(0, max),
      announced: (member: number) => announced.find(([id]) => id === member)?.[1] ?? null,
      report: (member: number): GroupRequest | null =>
        comparing?.includes(member) && !reports.some(([id]) => id === member)
          ? { kind: 'report-digests', member, round: 1, digests: [this.#state.history.length + this.#spoilt] }
          : null,
      changedSinceComparison: changed,
      disagreement,
      divergence: (member: number) => (divergence?.members.includes(member) ? divergence : null),
    };
  }

  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return requests.map((request) => {
      const asked = decodeRequest(request.payload);
      this.#fireDue(request.time);
      if (asked.kind === 'command') this.#command(asked.command, request);
      else this.#apply(asked);
      return {
        index: request.index,
        term: request.term,
        outcome: { kind: 'accepted', reply: null, events: [] },
        events: [],
        encodedEvents: null,
      };
    });
  }

  #fireDue(time: number): void {
    const fired = this.#state.due.filter(({ at }) => at <= time);
    for (const timer of fired) {
      this.#state.due.splice(this.#state.due.indexOf(timer), 1);
      this.#state.history.push(`fired ${timer.name}`);
    }
  }

  #command(command: Uint8Array, { index, time }: CommittedRequest): void {
    const { type, input } = decodeCommand(command);
    const { history, due, outbox } = this.#state;
    this.#state.changed = true;
    if (type === 'schedule') due.push(input as { at: number; name: string });
    else if (type === 'effect') {
      const { name, then } = input as { name: string; then: string | null };
      outbox.push({ id: `${index}`, type: name, data: input, then, version: this.#state.version, index, time });
      this.#state.outboxRevision++;
    } else history.push(`${type} ${JSON.stringify(input)}`);
  }

  #apply(asked: Exclude<GroupRequest, { kind: 'command' }>): void {
    const state = this.#state;
    if (asked.kind === 'clock') state.history.push('clock');
    if (asked.kind === 'effect-done') this.#effectDone(asked.effect, asked.command);
    if (asked.kind === 'announce-versions') {
      state.history.push(`announced ${asked.member}`);
      const others = state.announced.filter(([id]) => id !== asked.member);
      state.announced.splice(0, state.announced.length, ...others, [asked.member, asked.versions]);
    }
    if (asked.kind === 'activate-version') {
      state.history.push(`activated ${asked.version} for ${asked.members.join(',')}`);
      state.version = asked.version;
    }
    if (asked.kind === 'compare-states') Object.assign(state, { comparing: asked.members, reports: [], changed: false });
    if (asked.kind === 'report-digests') this.#report(asked.member, asked.digests[0] ?? 0);
  }

  #effectDone(id: string, command: Uint8Array | null): void {
    const at = this.#state.outbox.findIndex((effect) => effect.id === id);
    if (at < 0) return;
    this.#state.outbox.splice(at, 1);
    this.#state.outboxRevision++;
    const follow = command && decodeRequest(command);
    this.#state.history.push(follow?.kind === 'command' ? `done ${JSON.stringify(decodeCommand(follow.command).input)}` : 'done');
  }

  #report(member: number, digest: number): void {
    const state = this.#state;
    state.reports.push([member, digest]);
    const digests = state.reports.map(([, each]) => each);
    if (digests.length < 3) return;
    const majority = digests.find((one) => digests.filter((other) => other === one).length >= 2);
    const members = state.reports.filter(([, each]) => each !== majority).map(([id]) => id);
    if (majority === undefined) state.disagreement = { index: 7, agreedIndex: 6, members, round: 1 };
    else if (members.length > 0) state.divergence = { index: 7, agreedIndex: 6, members, round: 1 };
    state.comparing = null;
  }

  query(): readonly string[] {
    return [...this.#state.history];
  }

  async encode(command: Command): Promise<Uint8Array> {
    if (command.type === 'picky' && (command.input as { ok?: boolean }).ok) throw new Error('only failures, please');
    return encodeRequest({ kind: 'command', version: this.version, stamp: null, command: encodeCommand(command) });
  }

  snapshot(): Uint8Array {
    return encodeValue(this.#state);
  }

  restore(snapshot: Uint8Array): void {
    this.#state = decodeValue(snapshot) as State;
  }

  readEvents() {
    return [];
  }

  reload(): void {}
}
