import { type ChangedMembership, type ClusterClient, connectCluster } from '@flotilla/client';
import type { MembershipChange, NewMember } from '@flotilla/core';
import { formatAddress, parseAddress } from '../address.ts';
import { parseEndpoints } from '../endpoints.ts';
import { printJson } from '../json-output.ts';
import { plainScreen, terminalScreen } from '../live-screen.ts';
import { parseMember } from '../member-number.ts';
import { print } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';
import { awaitChange } from './await-change.ts';
import { membersTable, waitingFor } from './members-view.ts';

/** How often a command that waits looks again, in milliseconds. */
const pollMs = 250;

export interface CommonOptions {
  readonly endpoints: string;
  readonly output: string;
  readonly timeoutMs: string;
}

export interface ChangeOptions extends CommonOptions {
  /** Absent where the user said neither: then a terminal waits. */
  readonly wait?: boolean;
  readonly waitTimeoutMs: string;
}

export interface AddOptions extends ChangeOptions {
  readonly peer: string;
  readonly client: string;
  readonly id?: string;
  readonly role: NewMember['role'];
  readonly priority?: string;
  readonly replace?: string;
}

export function list(options: CommonOptions): Promise<void> {
  return withClient(options, async (client) => {
    const view = await client.members();
    await (options.output === 'json' ? printJson(view) : print(membersTable(view)));
  });
}

export function add(options: AddOptions): Promise<void> {
  const addition: NewMember = {
    peerAddress: formatAddress(parseAddress(options.peer)),
    clientAddress: formatAddress(parseAddress(options.client)),
    role: options.role,
    ...(options.id === undefined ? {} : { id: parseMember(options.id) }),
    ...(options.priority === undefined ? {} : { priority: wholeNumber('--priority', options.priority) }),
  };
  const remove = options.replace === undefined ? {} : { remove: [parseMember(options.replace)] };
  return change({ add: [addition], ...remove }, options);
}

export function remove(ids: readonly string[], options: ChangeOptions): Promise<void> {
  return change({ remove: ids.map(parseMember) }, options);
}

export function promote(ids: readonly string[], options: ChangeOptions): Promise<void> {
  return change({ promote: ids.map(parseMember) }, options);
}

export function transfer(id: string, options: CommonOptions): Promise<void> {
  const target = parseMember(id);
  return withClient(options, async (client) => {
    if ((await client.members()).leader !== target) await client.transferLeadership(target);
    await (options.output === 'json' ? printJson({ target }) : print(`member ${target} takes over the leadership`));
  });
}

/** Makes the change, waits for it where that is wanted, and prints what came of it. */
function change(change: MembershipChange, options: ChangeOptions): Promise<void> {
  return withClient(options, async (client) => {
    const isJson = options.output === 'json';
    const changed = await client.changeMembership(change);
    const { membership } = changed;
    const added = addedBy(change, changed);
    if (!(options.wait ?? process.stdout.isTTY)) {
      const waits = waitingFor(membership.pending);
      return isJson ? printJson({ ...changed, added }) : print([...added.map(startLine), waits ?? 'Done.'].join('\n'));
    }
    // What is waited for goes to standard error: standard output is for the result.
    const screen = process.stderr.isTTY ? terminalScreen(process.stderr) : plainScreen(process.stderr);
    if (membership.pending !== null) for (const member of added) screen.line(startLine(member));
    const expected = { added: added.map(({ id }) => id), voters: membership.pending?.promote ?? [], removed: change.remove ?? [] };
    const view = await awaitChange(client, expected, {
      timeoutMs: wholeNumber('--wait-timeout-ms', options.waitTimeoutMs, 1),
      pollMs,
      onProgress: (line) => screen.update(line, line),
    });
    await (isJson ? printJson({ index: changed.index, added, ...view }) : print(membersTable(view)));
  });
}

interface Added {
  readonly id: number;
  readonly peerAddress: string;
  readonly clientAddress: string;
}

function addedBy({ add = [] }: MembershipChange, { membership }: ChangedMembership): readonly Added[] {
  const isAdded = (address: string) => add.some(({ peerAddress }) => peerAddress === address);
  return membership.members
    .filter(({ peerAddress }) => isAdded(peerAddress))
    .map(({ id, peerAddress, clientAddress }) => ({ id, peerAddress, clientAddress }));
}

function startLine({ id, peerAddress, clientAddress }: Added): string {
  return `Member ${id} was added. If it does not run yet, start it on its machine, in a directory of its own:
  flotilla serve kv --data-dir <directory> --join <client address of a member> --listen ${peerAddress} --client-listen ${clientAddress}`;
}

async function withClient({ endpoints, timeoutMs }: CommonOptions, use: (client: ClusterClient) => Promise<void>): Promise<void> {
  const client = connectCluster(parseEndpoints(endpoints), { timeoutMs: wholeNumber('--timeout-ms', timeoutMs, 1) });
  try {
    await use(client);
  } finally {
    client.close();
  }
}
