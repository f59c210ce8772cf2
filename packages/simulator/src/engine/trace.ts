/** What a trace takes down. The position in this list is the number that goes into the hash. */
export const traceKinds = ['fault', 'send', 'deliver', 'step', 'durable', 'applied', 'committed', 'invoked', 'answered'] as const;

export type TraceKind = (typeof traceKinds)[number];

/** One line of a trace: what, on which member, and three numbers that say more. */
export interface TraceLine {
  readonly at: number;
  readonly kind: TraceKind;
  readonly member: number;
  readonly numbers: readonly [number, number, number];
}

const codes = new Map(traceKinds.map((kind, code) => [kind, code]));

/**
 * A hash of everything that happens, in its order. Two runs of one plan that differ anywhere differ in it, so equal hashes
 * are what "deterministic" means here. With `keep`, the lines are kept, to find the first one that differs.
 */
export class Trace {
  readonly lines: TraceLine[] | null;
  #low = 0x811c_9dc5;
  #high = 0x1b87_3593;
  #count = 0;

  constructor({ keep = false }: { readonly keep?: boolean } = {}) {
    this.lines = keep ? [] : null;
  }

  get count(): number {
    return this.#count;
  }

  note(at: number, kind: TraceKind, member: number, a = 0, b = 0, c = 0): void {
    this.#count++;
    this.#mix(codes.get(kind) ?? 0, member);
    this.#mix(a, b);
    // Times are fractions of milliseconds: microseconds are what counts.
    this.#mix(c, Math.round(at * 1000));
    this.lines?.push({ at, kind, member, numbers: [a, b, c] });
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #mix(a: number, b: number): void {
    const low = Math.imul(this.#low ^ (a | 0) ^ Math.imul((a / 0x1_0000_0000) | 0, 0x85eb_ca6b), 0x0100_0193);
    const high = Math.imul(this.#high ^ (b | 0) ^ Math.imul((b / 0x1_0000_0000) | 0, 0xc2b2_ae35), 0x85eb_ca6b);
    this.#low = low ^ (high >>> 13);
    this.#high = high ^ (low >>> 16);
  }
}
