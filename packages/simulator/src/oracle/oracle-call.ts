import type { Index } from '@flotilla/core';
import type { Consistency } from '@flotilla/runtime';
import type { Serial } from './serial.ts';

/** A call, as the oracle is told of it before it leaves its client. */
export interface OracleCall {
  readonly serial: Serial;
  readonly kind: 'write' | 'read';
  /** Of a read. Of a write it says nothing: all are linearizable. */
  readonly consistency: Consistency;
}

/**
 * How a call ended for its client.
 *
 * `ok`: a write was applied at `index`, whether the machine accepted or refused it; a read saw everything up to `index`. Null
 * where the client was not told. `fail`: certainly not applied. `unknown`: it may be applied at any time, or never.
 */
export type OracleAnswer = { readonly kind: 'ok'; readonly index: Index | null } | { readonly kind: 'fail' } | { readonly kind: 'unknown' };
