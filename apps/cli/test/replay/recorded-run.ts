import {
  deadline,
  decide,
  defaultRaftConfig,
  type Effect,
  type Entry,
  foundingMembership,
  type Input,
  initialState,
  type MemberId,
  type MemberInfo,
  type Message,
  type RaftState,
} from '@flotilla/core';
import { defaultRecorderConfig, FlightRecorder } from '@flotilla/runtime';

type Untimed = Input extends infer Each ? (Each extends Input ? Omit<Each, 'now' | 'wallTime'> : never) : never;

interface Member {
  state: RaftState;
  readonly recorder: FlightRecorder;
  readonly entries: Entry[];
  readonly inbox: Untimed[];
}

/** Three members on a network and disks that do everything at once; each is recorded. */
export class RecordedRun {
  readonly #members: ReadonlyMap<MemberId, Member>;
  #now = 1000;
  #ids = 0;

  constructor({ stepsMax = 1_000_000 } = {}) {
    const infos = [1, 2, 3].map(
      (id): MemberInfo => ({
        id,
        peerAddress: `127.0.0.1:${7000 + id}`,
        clientAddress: `127.0.0.1:${8000 + id}`,
        voter: true,
        witness: false,
        priority: 0,
      }),
    );
    const memberships = [{ index: 0, membership: foundingMembership(infos) }];
    this.#members = new Map(
      infos.map(({ id }) => {
        const state = initialState({ id, config: defaultRaftConfig, memberships, seed: id, now: this.#now });
        const recorder = new FlightRecorder({ member: id }, { id: 1 }, { ...defaultRecorderConfig, stepsMax });
        recorder.start(state);
        return [id, { state, recorder, entries: [], inbox: [] }];
      }),
    );
  }

  /** What was recorded of a member. */
  recorder(id: MemberId): FlightRecorder {
    return this.#member(id).recorder;
  }

  /** A member's deadline passes. */
  wake(id: MemberId): void {
    const due = deadline(this.#member(id).state);
    if (Number.isFinite(due)) this.#now = Math.max(this.#now, due);
    this.#post(id, { kind: 'deadline-reached' });
    this.#settle();
  }

  propose(id: MemberId, ...commands: readonly string[]): void {
    this.#now++;
    this.#post(id, { kind: 'proposed', id: ++this.#ids, payloads: commands.map((command) => new TextEncoder().encode(command)) });
    this.#settle();
  }

  read(id: MemberId): void {
    this.#now++;
    this.#post(id, { kind: 'read-requested', id: ++this.#ids, lease: false });
    this.#settle();
  }

  transfer(id: MemberId, target: MemberId): void {
    this.#now++;
    this.#post(id, { kind: 'transfer-requested', id: ++this.#ids, target });
    this.#settle();
  }

  #post(id: MemberId, input: Untimed): void {
    this.#member(id).inbox.push(input);
  }

  #settle(): void {
    for (let busy = true; busy; ) {
      busy = false;
      for (const [id, member] of this.#members) {
        const input = member.inbox.shift();
        if (input !== undefined) this.#decide(id, member, input);
        else if (deadline(member.state) === Number.NEGATIVE_INFINITY) this.#decide(id, member, { kind: 'deadline-reached' });
        else continue;
        busy = true;
      }
    }
  }

  #decide(id: MemberId, member: Member, untimed: Untimed): void {
    const input: Input = { ...untimed, now: this.#now, wallTime: 1_700_000_000_000 + this.#now };
    const { state, events, effects } = decide(member.state, input);
    member.state = state;
    member.recorder.record({ input, events }, state);
    for (const effect of effects) this.#carryOut(id, member, effect);
  }

  #carryOut(id: MemberId, member: Member, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        if (effect.truncateAfter !== null) member.entries.length = effect.truncateAfter;
        member.entries.push(...effect.entries);
        for (const { to, message } of effect.promises) this.#send(id, to, message);
        member.inbox.push({ kind: 'persisted', sequence: effect.sequence });
        break;
      case 'send':
        this.#send(id, effect.to, effect.message);
        break;
      case 'replicate': {
        const { to, term, prevIndex, prevTerm, lastIndex, commit } = effect;
        const entries = member.entries.slice(prevIndex, lastIndex);
        const bytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
        this.#send(id, to, { kind: 'append', term, prevIndex, prevTerm, commit, entries });
        member.inbox.unshift({ kind: 'append-sent', to, term, prevIndex, lastIndex, bytes });
        break;
      }
      default:
        break;
    }
  }

  #send(from: MemberId, to: MemberId, message: Message): void {
    this.#post(to, { kind: 'received', from, message });
  }

  #member(id: MemberId): Member {
    const member = this.#members.get(id);
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }
}

/** A run with a first leader, commands, reads, and a second leader. */
export function eventfulRun(): RecordedRun {
  const run = new RecordedRun();
  run.wake(1);
  run.propose(1, 'ahoy', 'avast');
  run.propose(2, 'forwarded');
  run.read(3);
  run.wake(1);
  run.transfer(1, 2);
  run.propose(2, 'belay');
  return run;
}
