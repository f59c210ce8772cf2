/**
 * The records that lie on damaged sectors. Records are told apart by identity: each is an object that belongs to one place on
 * this disk only.
 *
 * A damaged record is always found out when it is read. That two contents share a checksum is not modelled; nor is that an
 * older version of the same record is found in its place, since pages are always written to new places (copy on write).
 */
export class Damage {
  #records = new Set<object>();

  get none(): boolean {
    return this.#records.size === 0;
  }

  has(record: object): boolean {
    return this.#records.size > 0 && this.#records.has(record);
  }

  /** Whether it was intact before. */
  add(record: object): boolean {
    if (this.#records.has(record)) return false;
    this.#records.add(record);
    return true;
  }

  copy(): ReadonlySet<object> {
    return new Set(this.#records);
  }

  restore(records: ReadonlySet<object>): void {
    this.#records = new Set(records);
  }
}
