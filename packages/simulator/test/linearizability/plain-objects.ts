import type { ModelName } from '@flotilla/simulator';

/** An object that carries out one call after another, written as plainly as can be, and with nothing of the models' code. */
export interface PlainObject {
  /** Carries out a call and gives its answer. */
  call(f: string, input: unknown, process: number): unknown;
  copy(): PlainObject;
}

class PlainCell implements PlainObject {
  #value: unknown;

  constructor(value: unknown = null) {
    this.#value = value;
  }

  call(f: string, input: unknown): unknown {
    const before = this.#value;
    if (f === 'get' || f === 'read') return before;
    if (f === 'put' || f === 'write') this.#value = input;
    if (f === 'put' || f === 'write') return null;
    if (f === 'delete') {
      this.#value = null;
      return before !== null;
    }
    const [expected, value] = f === 'cas' ? (input as unknown[]) : Object.values(input as object);
    if (before !== expected) return false;
    this.#value = value;
    return true;
  }

  copy(): PlainObject {
    return new PlainCell(this.#value);
  }
}

class PlainList implements PlainObject {
  readonly #elements: unknown[];
  readonly #show: (elements: unknown[]) => unknown;

  constructor(show: (elements: unknown[]) => unknown, elements: unknown[] = []) {
    this.#show = show;
    this.#elements = elements;
  }

  call(f: string, input: unknown): unknown {
    if (f === 'read') return this.#show([...this.#elements]);
    this.#elements.push(input);
    return null;
  }

  copy(): PlainObject {
    return new PlainList(this.#show, [...this.#elements]);
  }
}

class PlainLock implements PlainObject {
  #holder: number | null;

  constructor(holder: number | null = null) {
    this.#holder = holder;
  }

  call(f: string, _input: unknown, process: number): unknown {
    if (f === 'holder') return this.#holder;
    if (this.#holder !== (f === 'acquire' ? null : process)) return false;
    this.#holder = f === 'acquire' ? process : null;
    return true;
  }

  copy(): PlainObject {
    return new PlainLock(this.#holder);
  }
}

class PlainCounter implements PlainObject {
  #total: number;

  constructor(total = 0) {
    this.#total = total;
  }

  call(f: string, input: unknown): unknown {
    if (f === 'add') this.#total += input as number;
    return this.#total;
  }

  copy(): PlainObject {
    return new PlainCounter(this.#total);
  }
}

export const plainObjects: { readonly [Name in ModelName]: () => PlainObject } = {
  kv: () => new PlainCell(),
  register: () => new PlainCell(),
  append: () => new PlainList((elements) => elements),
  'append-text': () => new PlainList((elements) => elements.join('')),
  lock: () => new PlainLock(),
  counter: () => new PlainCounter(),
};

/** Calls with small inputs, so that their effects meet. */
export const plainCalls: { readonly [Name in ModelName]: readonly (readonly [f: string, input: unknown])[] } = {
  kv: [
    ['put', 1],
    ['put', 2],
    ['get', null],
    ['get', null],
    ['delete', null],
    ['compare-and-set', { expected: 1, value: 2 }],
    ['compare-and-set', { expected: 2, value: 3 }],
  ],
  register: [
    ['write', 1],
    ['write', 2],
    ['read', null],
    ['cas', [1, 2]],
    ['cas', [2, 1]],
  ],
  append: [
    ['append', 1],
    ['append', 2],
    ['read', null],
  ],
  'append-text': [
    ['append', 'a'],
    ['append', 'ab'],
    ['append', 'b'],
    ['read', null],
  ],
  lock: [
    ['acquire', null],
    ['release', null],
    ['holder', null],
  ],
  counter: [
    ['add', 1],
    ['add', 2],
    ['add', -1],
    ['read', null],
  ],
};
