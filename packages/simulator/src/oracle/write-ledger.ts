import type { Index } from '@flotilla/core';
import { Violation } from '../watch/violation.ts';
import type { OracleAnswer } from './oracle-call.ts';
import { describeSerial, numberOf, processOf, type Serial } from './serial.ts';

/** What is known of a write that is not settled: its client has no answer, or does not know, or it is not applied. */
interface OpenWrite {
  readonly serial: Serial;
  /** The highest index that was acknowledged to anybody before it began. */
  readonly behind: Index;
  /** Where it was applied; 0 where it was not. */
  index: Index;
  /** Its client knows no more of it than that. */
  unknown: boolean;
}

/** How many writes that were refused stay known by their serials, and how many whose outcome nobody knows. */
const refusedMax = 65_536;
const unknownMax = 65_536;

/** Where writes are, from their sending to the moment when they are both applied and acknowledged, or refused. */
export class WriteLedger {
  readonly #open = new Map<Serial, OpenWrite>();
  readonly #refused = new Set<Serial>();
  readonly #unknown = new Set<Serial>();
  /** The highest number that each process has used. */
  readonly #highest = new Map<number, number>();
  /** Some of unknown outcome were forgotten: then nobody can tell any more that a write is applied twice. */
  #forgetful = false;

  /** How many writes are remembered. */
  get size(): number {
    return this.#open.size;
  }

  invoked(serial: Serial, behind: Index): void {
    const process = processOf(serial);
    const highest = this.#highest.get(process) ?? -1;
    if (numberOf(serial) <= highest) throw new Violation('oracle', `write ${describeSerial(serial)} is sent twice`);
    this.#highest.set(process, numberOf(serial));
    this.#open.set(serial, { serial, behind, index: 0, unknown: false });
  }

  applied(serial: Serial, index: Index): void {
    const write = this.#open.get(serial);
    if (write === undefined) return this.#unexpected(serial, index);
    if (write.index !== 0)
      throw new Violation('no-duplicates', `write ${describeSerial(serial)} is applied at ${write.index} and at ${index}`);
    if (index <= write.behind)
      throw new Violation(
        'real-time',
        `write ${describeSerial(serial)} is applied at ${index}, and began when ${write.behind} had been acknowledged`,
      );
    write.index = index;
    if (write.unknown) this.#close(write);
  }

  /** Gives the index that is acknowledged thereby, 0 for none. */
  answered(serial: Serial, answer: OracleAnswer): Index {
    const write = this.#open.get(serial);
    if (write === undefined || write.unknown)
      throw new Violation('oracle', `write ${describeSerial(serial)} is answered, and none is open`);
    if (answer.kind === 'unknown') {
      this.#doubt(write);
      return 0;
    }
    if (answer.kind === 'fail') this.#refuse(write);
    else this.#acknowledge(write, answer.index);
    return answer.kind === 'ok' ? write.index : 0;
  }

  /** Nothing is under way any more: what was not applied by now never is. */
  converged(): void {
    for (const serial of this.#unknown) this.#open.delete(serial);
    this.#unknown.clear();
  }

  #acknowledge({ serial, index }: OpenWrite, acknowledged: Index | null): void {
    // Whoever acknowledges a write has applied it.
    if (index === 0)
      throw new Violation('no-lost-writes', `write ${describeSerial(serial)} is acknowledged at ${acknowledged}, and is not in the log`);
    if (acknowledged !== null && acknowledged !== index)
      throw new Violation(
        'no-lost-writes',
        `write ${describeSerial(serial)} is acknowledged at ${acknowledged}, and is in the log at ${index}`,
      );
    this.#open.delete(serial);
  }

  #refuse({ serial, index }: OpenWrite): void {
    if (index !== 0)
      throw new Violation(
        'refused-is-not-applied',
        `the client of write ${describeSerial(serial)} is told that it is not applied; it is, at ${index}`,
      );
    this.#open.delete(serial);
    this.#refused.add(serial);
    if (this.#refused.size > refusedMax) forgetOldest(this.#refused);
  }

  #close({ serial }: OpenWrite): void {
    this.#open.delete(serial);
    this.#unknown.delete(serial);
  }

  #doubt(write: OpenWrite): void {
    if (write.index !== 0) return this.#close(write);
    write.unknown = true;
    this.#unknown.add(write.serial);
    if (this.#unknown.size <= unknownMax) return;
    this.#open.delete(forgetOldest(this.#unknown));
    this.#forgetful = true;
  }

  #unexpected(serial: Serial, index: Index): void {
    const name = describeSerial(serial);
    if (this.#refused.has(serial))
      throw new Violation('refused-is-not-applied', `write ${name} is applied at ${index}, and its client was told that it is not`);
    if (numberOf(serial) > (this.#highest.get(processOf(serial)) ?? -1))
      throw new Violation('no-phantoms', `write ${name} is applied at ${index}, and nobody sent it`);
    if (!this.#forgetful) throw new Violation('no-duplicates', `write ${name} is applied again, at ${index}`);
  }
}

function forgetOldest(serials: Set<Serial>): Serial {
  for (const oldest of serials) {
    serials.delete(oldest);
    return oldest;
  }
  return -1;
}
