import { invariant } from './errors.ts';
import type { Membership } from './membership.ts';

/** A membership as an entry's payload: JSON, with anything beyond ASCII escaped, so that people can read a log. */
export function encodeMembership(membership: Membership): Uint8Array {
  const text = JSON.stringify(membership).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Reads what {@link encodeMembership} wrote. */
export function decodeMembership(payload: Uint8Array): Membership {
  const text = payload.reduce((characters, byte) => characters + String.fromCharCode(byte), '');
  const value: unknown = JSON.parse(text);
  invariant(isMembership(value), `a membership entry holds no membership: ${text}`);
  return value;
}

function isMembership(value: unknown): value is Membership {
  const membership = value as Partial<Record<keyof Membership, unknown>> | null;
  return Array.isArray(membership?.members) && typeof membership.highestId === 'number';
}
