import type { MemberInfo } from '@flotilla/core';
import { formatAddress, parseAddress } from '../address.ts';
import { parseMember } from '../member-number.ts';
import { usageError } from '../usage-error.ts';
import type { FileContent } from './config-file.ts';

const expected = 'Write number=peer/client for every member, separated by commas: 1=127.0.0.1:7000/127.0.0.1:7001,2=…';

/** Reads `1=127.0.0.1:7000/127.0.0.1:7001,2=…`; a member's addresses may be followed by `/<priority>` and `/witness`. */
export function parseFoundingMembers(text: string): readonly MemberInfo[] {
  const members = text.split(',').map(parseFoundingMember);
  const twice = (what: string, values: readonly (number | string)[]) => {
    const repeated = values.find((value, i) => values.indexOf(value) !== i);
    if (repeated === undefined) return;
    throw usageError(`${what} ${repeated} occurs twice among the members`, 'Give every member a number and addresses of its own.');
  };
  twice(
    'member',
    members.map(({ id }) => id),
  );
  twice(
    'the address',
    members.map(({ peerAddress }) => peerAddress),
  );
  twice(
    'the address',
    members.map(({ clientAddress }) => clientAddress),
  );
  if (members.every(({ witness }) => witness)) throw usageError('all members are witnesses', 'Witnesses never lead: list others, too.');
  return members;
}

function parseFoundingMember(part: string): MemberInfo {
  const [id = '', rest = ''] = part.trim().split('=');
  const [peer, client, ...traits] = rest.split('/');
  if (peer === undefined || client === undefined) throw usageError(`"${part}" does not name a member and its two addresses`, expected);
  let priority = 0;
  let witness = false;
  for (const trait of traits) {
    if (trait === 'witness') witness = true;
    else if (/^\d{1,4}$/.test(trait) && Number(trait) <= 1000) priority = Number(trait);
    else throw usageError(`"${trait}" in "${part}" is neither a priority from 0 to 1000 nor "witness"`, expected);
  }
  const address = (text: string) => {
    const parsed = parseAddress(text);
    if (parsed.port === 0) throw usageError(`"${text}" in "${part}" is no address at which others reach the member`, 'Name its port.');
    return formatAddress(parsed);
  };
  return { id: parseMember(id.trim()), peerAddress: address(peer), clientAddress: address(client), voter: true, witness, priority };
}

/** The members of a configuration file, as a flag would say them. */
export function foundingMembersText(members: NonNullable<FileContent['members']>): string {
  return Object.entries(members)
    .map(([id, { peer, client, priority, witness }]) =>
      [`${id}=${peer}`, client, ...(priority === undefined ? [] : [priority]), ...(witness ? ['witness'] : [])].join('/'),
    )
    .join(',');
}
