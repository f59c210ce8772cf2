import { connect } from 'node:net';
import type { MemberId } from '@flotilla/core';
import { parseAddress } from '../address.ts';
import { ownInfo, type Survey } from './survey.ts';

/** A member that is recorded as one, and an address of it at which somebody answers. */
export interface AnsweringMember {
  readonly member: MemberId;
  readonly address: string;
}

/** The other members, in any membership that may count, at whose peer or client address a TCP connection is taken in time. */
export async function answeringMembers(survey: Survey, timeoutMs = 1000): Promise<readonly AnsweringMember[]> {
  const own = ownInfo(survey);
  const others = new Map<string, MemberId>();
  for (const { membership } of survey.groups.flatMap(({ memberships }) => memberships)) {
    for (const { id, peerAddress, clientAddress } of [...membership.members, ...(membership.outgoing ?? [])]) {
      if (id !== survey.member) for (const address of [peerAddress, clientAddress]) others.set(address, id);
    }
  }
  if (own) for (const address of [own.peerAddress, own.clientAddress]) others.delete(address);
  const asked = [...others].map(async ([address, member]) => ({ member, address, taken: await isTaken(address, timeoutMs) }));
  return (await Promise.all(asked)).filter(({ taken }) => taken).map(({ member, address }) => ({ member, address }));
}

function isTaken(address: string, timeoutMs: number): Promise<boolean> {
  if (address === '') return Promise.resolve(false);
  const { host, port } = parseAddress(address);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (taken: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(taken);
    };
    // A timer of its own: that of the socket does not count looking up the name.
    const timer = setTimeout(() => settle(false), timeoutMs);
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
