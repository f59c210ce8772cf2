/**
 * The situations that were found to lead nowhere: which calls had been put in order, and the state they led to. As every order of
 * the same calls that leads to the same state has the same future, none is looked into twice (Lowe; Porcupine).
 *
 * Where uncertain calls are concerned, it also counts as known that whoever has used up more of them in the same situation
 * has no better future.
 */
export class DeadEnds {
  readonly #byPlace = new Map<number, Map<unknown, Map<string | number, bigint[]>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * `place` is the first certain call not put in order, `ahead` those behind it that are, `state` is by identity, and `uncertain`
   * has a bit for each uncertain call that was used.
   */
  has(place: number, ahead: string | number, state: unknown, uncertain: bigint): boolean {
    const used = this.#byPlace.get(place)?.get(state)?.get(ahead);
    return used?.some((each) => (each & uncertain) === each) ?? false;
  }

  add(place: number, ahead: string | number, state: unknown, uncertain: bigint): void {
    const byState = entry(this.#byPlace, place, () => new Map<unknown, Map<string | number, bigint[]>>());
    const byAhead = entry(byState, state, () => new Map<string | number, bigint[]>());
    entry(byAhead, ahead, () => []).push(uncertain);
    this.#size++;
  }

  /** Whether nothing is known of this place, which is the common case and cheap to tell. */
  isNew(place: number): boolean {
    return !this.#byPlace.has(place);
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
