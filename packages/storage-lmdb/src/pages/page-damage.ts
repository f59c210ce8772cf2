/** A page of an LMDB file that cannot be what LMDB wrote there. */
export class PageDamage extends Error {
  override readonly name = 'PageDamage';
  /** Its number; null where it is about the file as a whole. */
  readonly page: number | null;

  constructor(page: number | null, what: string) {
    super(page === null ? what : `page ${page}: ${what}`);
    this.page = page;
  }
}
