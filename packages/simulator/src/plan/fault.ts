/** Hosts are named by their slot, from 0: the member behind it changes when it is replaced. */
type OnHost = { readonly slot: number };
type For = { readonly forMs: number };
type Between = { readonly from: number; readonly to: number };

/**
 * Something that goes wrong, or that an operator does. Each says when, in milliseconds since the beginning, and faults that
 * last say for how long.
 *
 * Processes: `crash` is kill -9, `power-cut` also loses what was not synced, `power-cut-all` does that to everybody at once.
 * Disks: those that destroy data happen only while a majority of the voters stays whole, for otherwise data is lost as it
 * must be; what can be had from others heals. Operators: `replace` removes a member and adds another one on its machine, `upgrade` restarts it with another build.
 */
export type Fault = { readonly at: number } & (
  | ({ readonly kind: 'crash' | 'power-cut' | 'pause' } & OnHost & For)
  | ({ readonly kind: 'power-cut-all' } & For)
  | ({ readonly kind: 'clock-jump'; readonly byMs: number } & OnHost)
  | ({ readonly kind: 'clock-drift'; readonly rate: number } & OnHost & For)
  | ({ readonly kind: 'partition'; readonly sides: readonly (readonly number[])[] } & For)
  | ({ readonly kind: 'isolate' | 'black-hole' } & OnHost & For)
  | ({ readonly kind: 'cut' | 'one-way-cut' | 'freeze' } & Between & For)
  | ({ readonly kind: 'slow-link'; readonly delayMs: number; readonly bytesPerMs: number } & Between & For)
  | ({ readonly kind: 'lossy'; readonly loss: number; readonly duplicate: number; readonly reorder: number } & For)
  | ({ readonly kind: 'reset' } & OnHost)
  | ({ readonly kind: 'client-cut'; readonly client: number } & OnHost & For)
  | ({ readonly kind: 'disk-slow'; readonly factor: number } & OnHost & For)
  | ({ readonly kind: 'disk-stall' | 'disk-full' } & OnHost & For)
  | ({ readonly kind: 'write-error' | 'sync-error' } & OnHost)
  | ({ readonly kind: 'bit-rot' | 'misdirected-write' | 'torn-write' | 'roll-back' | 'wipe' } & OnHost)
  | ({ readonly kind: 'snapshot' | 'transfer' | 'replace' } & OnHost)
  | ({ readonly kind: 'upgrade'; readonly build: number } & OnHost)
);

export type FaultKind = Fault['kind'];

/** The fault of a kind. */
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;
