import { decodeMembership, type Membership } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import type { WireReader } from './wire-reader.ts';

/** More than a thousand members have; beyond it nobody looks at the text. */
const membershipBytesMax = 1024 * 1024;
const memberIdMax = 0xffff_ffff;

type Fields<T> = Readonly<Partial<Record<keyof T, unknown>>>;

/**
 * A membership behind its length, in the form that an entry of the log has. Others made it, so that every field is
 * looked at before anybody relies on its type. Throws `protocol_error`.
 */
export function readMembership(reader: WireReader): Membership {
  const bytes = reader.sizedBytes();
  if (bytes.length > membershipBytesMax) throw protocolError(`a membership has ${bytes.length} bytes`);
  let membership: Membership;
  try {
    membership = decodeMembership(bytes);
  } catch (error) {
    throw protocolError('a membership cannot be read', error);
  }
  if (!isComplete(membership)) throw protocolError('a membership has fields of another type');
  return membership;
}

function isComplete({ members, outgoing, pending, highestId }: Fields<Membership>): boolean {
  return (
    isListOf(isMember, members) &&
    (outgoing === null || isListOf(isMember, outgoing)) &&
    (pending === null || isPending(pending)) &&
    isWithin(0, memberIdMax, highestId)
  );
}

function isMember(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, peerAddress, clientAddress, voter, witness, priority } = value as Fields<Membership['members'][number]>;
  const texts = typeof peerAddress === 'string' && typeof clientAddress === 'string';
  const flags = typeof voter === 'boolean' && typeof witness === 'boolean';
  return texts && flags && isMemberId(id) && isWithin(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, priority);
}

function isPending(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { promote, remove } = value as Fields<NonNullable<Membership['pending']>>;
  return isListOf(isMemberId, promote) && isListOf(isMemberId, remove);
}

function isListOf(isItem: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isMemberId(value: unknown): boolean {
  return isWithin(1, memberIdMax, value);
}

function isWithin(min: number, max: number, value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
