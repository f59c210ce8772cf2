import { encodeCommand, encodeEvents } from '../codec/codec.ts';
import { outcomeLimits } from '../codec/format.ts';
import type { Accepted, FiredTimer, MachineEvent, Outcome, Rejected, RequestedEffect, StateMachine, TimerChange } from '../contract.ts';
import { isMachineError, MachineError } from '../machine-error.ts';
import type { MachineVersions } from '../machine-versions.ts';
import type { StateSpace } from '../space/state-space.ts';
import type { Bookkeeping } from './bookkeeping.ts';
import type { DigestChain } from './digest-chain.ts';
import { refused } from './refusals.ts';
import type { AppliedRequest, CommittedRequest, Refused } from './replicated-machine.ts';
import type { GroupRequest, SessionStamp } from './request.ts';
import { decodeRequest } from './request-codec.ts';
import { unsupportedVersion } from './version-register.ts';

/** A bare command does not say its version; in a group that has applied no command yet, it is of this one. */
const firstVersion = 1;

/** How many members a request may name: a list that is longer is none of a group. */
const membersMax = 1024;

/** An entry that is being applied. */
interface EntryUnderWay {
  readonly index: number;
  readonly term: number;
  readonly time: number;
  /** Of all its commands. */
  events: readonly MachineEvent[];
  /** The same as bytes; null while there are none. */
  encodedEvents: Uint8Array | null;
  /** How many bytes they take. */
  eventBytes: number;
  /** How many commands the machine has applied for it. */
  commands: number;
}

/** On whose behalf the machine applies a command. */
interface CommandCause {
  readonly session: number | null;
  readonly timer: FiredTimer | null;
  /** See `CommittedCommand.ordinal`. */
  readonly ordinal: number;
}

type Result = Pick<AppliedRequest, 'index' | 'term' | 'outcome'>;

const noEvents: readonly MachineEvent[] = [];

const clientsOwn: CommandCause = { session: null, timer: null, ordinal: 0 };

/** What each outcome adds to the digest. */
const outcomeMarks = { accepted: 1, rejected: 2, refused: 3 } as const;

/**
 * Applies requests to a machine and its bookkeeping. Each request first ends the sessions and fires the timers that are due by its log
 * time; then it does what it asks for.
 */
export class RequestApplier {
  readonly book: Bookkeeping;
  readonly #versions: MachineVersions;
  readonly #space: StateSpace;
  readonly #chain: DigestChain;
  #machine: StateMachine;

  /** `machine` has the version that is active; while there is none, it is in its initial state, and is replaced if it has to be. */
  constructor(versions: MachineVersions, machine: StateMachine, book: Bookkeeping, chain: DigestChain, space: StateSpace) {
    this.book = book;
    this.#versions = versions;
    this.#machine = machine;
    this.#chain = chain;
    this.#space = space;
  }

  get machine(): StateMachine {
    return this.#machine;
  }

  /** Throws where the machine fails, and `machine_version_unsupported`. */
  apply({ index, term, time, payload }: CommittedRequest): AppliedRequest {
    const entry: EntryUnderWay = { index, term, time, events: noEvents, encodedEvents: null, eventBytes: 0, commands: 0 };
    this.book.sessions.expire(time);
    this.#fireTimers(entry);
    const result = this.#handle(entry, decoded(payload));
    if (entry.commands > 0) this.book.changed = true;
    this.#chain.digest.word(outcomeMarks[result.outcome.kind]);
    if (result.outcome.kind !== 'accepted') this.#chain.digest.text(result.outcome.code);
    this.#chain.close(index, entry.commands > 0 && this.#machine.space === undefined ? this.#machine : null);
    const { events, encodedEvents } = entry;
    return { index: result.index, term: result.term, outcome: result.outcome, events, encodedEvents };
  }

  #handle(entry: EntryUnderWay, request: GroupRequest | Refused): Result {
    const { index, term } = entry;
    if (request.kind === 'command') return this.#command(entry, request.version, request.stamp, request.command);
    return { index, term, outcome: this.#serve(entry, request) };
  }

  #serve(entry: EntryUnderWay, request: Exclude<GroupRequest, { readonly kind: 'command' }> | Refused): Outcome | Refused {
    const { book } = this;
    switch (request.kind) {
      case 'refused':
        return request;
      case 'open-session': {
        const ttlMs = book.sessions.open(entry.index, entry.time, request.ttlMs);
        return typeof ttlMs === 'number' ? accepted({ session: entry.index, ttlMs }) : ttlMs;
      }
      case 'keep-session':
        return book.sessions.keep(request.session, entry.time) ?? accepted();
      case 'close-session':
        book.sessions.close(request.session);
        return accepted();
      case 'clock':
        return accepted();
      case 'effect-done':
        return this.#effectDone(entry, request.effect, request.command);
      case 'announce-versions':
        book.versions.announce(request.member, request.versions);
        return accepted();
      case 'activate-version':
        return this.#activate(request.version, request.members);
      case 'compare-states':
        return this.#compare(entry, request.members);
      case 'report-digests':
        book.comparison.report(request.member, request.round, request.digests);
        return accepted();
    }
  }

  #command(entry: EntryUnderWay, version: number | null, stamp: SessionStamp | null, payload: Uint8Array): Result {
    const { index, term, time } = entry;
    const { sessions } = this.book;
    const repetition = stamp && sessions.admit(stamp, time);
    if (repetition?.kind === 'answered') return { index: repetition.index, term: repetition.term, outcome: repetition.outcome };
    if (repetition) return { index, term, outcome: repetition };
    const otherVersion = this.#otherVersion(version);
    if (otherVersion !== null) return { index, term, outcome: otherVersion };
    const outcome = this.#run(entry, payload, stamp === null ? clientsOwn : { session: stamp.session, timer: null, ordinal: 0 });
    if (stamp !== null) {
      const reply = sessions.answer(stamp, index, term, outcome);
      // Engines word their errors differently, and so may the message of a rejection; its code is taken in with every outcome.
      if (reply !== null && outcome.kind === 'accepted') this.#chain.digest.bytes(reply);
    }
    return { index, term, outcome: withoutBytes(outcome) };
  }

  /** The first command of a group says which version it begins with. */
  #otherVersion(given: number | null): Refused | null {
    const { active } = this.book.versions;
    const version = given ?? active ?? firstVersion;
    if (active === null) {
      this.#become(version);
      return null;
    }
    if (version === active) return null;
    return refused('version_changed', `the command was checked by version ${version} of the machine, and version ${active} is active`);
  }

  #fireTimers(entry: EntryUnderWay): void {
    const { timers } = this.book;
    if (timers.dueAt === null || timers.dueAt > entry.time) return;
    for (const { id, at, version, command } of timers.takeDue(entry.time)) {
      this.#chain.digest.text(id);
      const current = this.#upcast(command, version);
      if (current instanceof Uint8Array) this.#run(entry, current, { session: null, timer: { id, at }, ordinal: entry.commands + 1 });
      // The events of an entry are one record of the journal, which must not get too large: the others fire with the next entry.
      if (entry.eventBytes > outcomeLimits.bytesMax) return;
    }
  }

  #effectDone(entry: EntryUnderWay, id: string, payload: Uint8Array | null): Outcome | Refused {
    const version = this.book.outbox.done(id);
    if (version === null || payload === null) return accepted();
    const request = decoded(payload);
    if (request.kind === 'refused') return request;
    if (request.kind !== 'command') return refused('malformed_payload', `what follows from effect ${id} is no command`);
    const command = this.#upcast(request.command, request.version ?? version);
    return command instanceof Uint8Array ? withoutBytes(this.#run(entry, command, clientsOwn)) : command;
  }

  /** A command of an older version as the active one understands it, or why it does not. */
  #upcast(command: Uint8Array, version: number): Uint8Array | Rejected {
    const { active } = this.book.versions;
    if (active === null || version >= active) return command;
    try {
      return this.#versions.upcastCommand(command, version, active);
    } catch (error) {
      // A machine that failed is not to be told from one that does not know the command by anything but this.
      if (!isMachineError(error) || error.code === 'machine_defect') throw error;
      return { kind: 'rejected', code: error.code, message: error.message, details: undefined };
    }
  }

  #run(entry: EntryUnderWay, payload: Uint8Array, cause: CommandCause): Outcome {
    const { index, term, time } = entry;
    const { session, timer, ordinal } = cause;
    const room = { timers: this.book.timers.room, effects: this.book.outbox.room };
    const [outcome] = this.#machine.apply([{ index, term, time, payload, session, timer, ordinal, room }]);
    if (outcome === undefined) throw defect(`gave no outcome for a command at index ${index}`);
    entry.commands++;
    if (outcome.kind === 'rejected') return outcome;
    if (outcome.events.length > 0) {
      const { version } = this.#machine;
      const encoded = outcome.encoded?.events ?? encodeEvents({ version, events: outcome.events });
      this.#chain.digest.bytes(encoded);
      const isFirst = entry.events.length === 0;
      entry.events = isFirst ? outcome.events : [...entry.events, ...outcome.events];
      entry.encodedEvents = isFirst ? encoded : encodeEvents({ version, events: entry.events });
      entry.eventBytes += encoded.length;
    }
    if (outcome.timers !== undefined && outcome.timers.length > 0) this.#changeTimers(outcome.timers, room.timers);
    if (outcome.effects !== undefined && outcome.effects.length > 0) this.#request(outcome.effects, entry, room.effects);
    return outcome;
  }

  #changeTimers(changes: readonly TimerChange[], room: number): void {
    const { digest } = this.#chain;
    if (changes.filter(({ kind }) => kind === 'schedule').length > room)
      throw defect(`scheduled more than the ${room} timers it had room for`);
    for (const change of changes) {
      digest.text(change.id);
      if (change.kind === 'cancel') {
        this.book.timers.cancel(change.id);
        continue;
      }
      const command = encodeCommand(change.command);
      digest.number(change.at);
      digest.bytes(command);
      this.book.timers.schedule({ id: change.id, at: change.at, command, version: this.#machine.version });
    }
  }

  #request(effects: readonly RequestedEffect[], { index, time }: EntryUnderWay, room: number): void {
    if (effects.length > room) throw defect(`asked for more than the ${room} effects it had room for`);
    for (const effect of effects) {
      this.#chain.digest.text(effect.type);
      this.#chain.digest.bytes(this.book.outbox.add(effect, { index, time, version: this.#machine.version }));
    }
  }

  #activate(version: number, members: readonly number[]): Outcome {
    const obstacle = this.book.versions.obstacle(version, members);
    if (obstacle !== null)
      return {
        kind: 'rejected',
        code: 'version_not_activated',
        message: `version ${version} stays inactive: ${obstacle}`,
        details: undefined,
      };
    this.#become(version);
    return accepted();
  }

  /** The machine has this version from here on. Throws `machine_version_unsupported` where this program does not. */
  #become(version: number): void {
    const { name, versions } = this.#versions;
    if (version < versions.oldest || version > versions.newest) throw unsupportedVersion(name, version, versions);
    const { active } = this.book.versions;
    if (active === null && version !== this.#machine.version) this.#machine = this.#versions.create(version, this.#space);
    if (active !== null)
      for (let next = active + 1; next <= version; next++) this.#machine = this.#versions.migrate(this.#machine, next, this.#space);
    this.book.versions.activate(version);
  }

  #compare({ index }: EntryUnderWay, members: readonly number[]): Outcome | Refused {
    if (members.length > membersMax) return refused('malformed_payload', `a comparison of ${members.length} members is none of a group`);
    if (this.book.comparison.begin(index, [...new Set(members)])) this.book.changed = false;
    return accepted();
  }
}

/** As those get it who sent the command. */
function withoutBytes(outcome: Outcome): Outcome {
  if (outcome.kind === 'rejected' || outcome.encoded === undefined) return outcome;
  const { kind, reply, events, timers, effects } = outcome;
  return { kind, reply, events, ...(timers && { timers }), ...(effects && { effects }) };
}

function decoded(payload: Uint8Array): GroupRequest | Refused {
  try {
    return decodeRequest(payload);
  } catch (error) {
    if (!isMachineError(error, 'malformed_payload')) throw error;
    return refused('malformed_payload', error.message);
  }
}

function accepted(reply: unknown = null): Accepted {
  return { kind: 'accepted', reply, events: [] };
}

function defect(what: string): MachineError {
  return new MachineError('machine_defect', `the machine ${what}`, 'This is a defect of the machine: see the port StateMachine.');
}
