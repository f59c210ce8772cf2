import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { FlotillaError } from '@flotilla/core';
import { type ForcedMembership, forceMembership } from '@flotilla/storage-lmdb';
import { print } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';
import { answeringMembers } from './answering-members.ts';
import { describeSurvey, ownInfo, type Survey, survey } from './survey.ts';

export interface RecoverOptions {
  readonly forceMembers?: string;
  readonly yes?: boolean;
  readonly output: string;
}

/** Where the operator is asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Prints what a data directory holds; with `forceMembers`, makes its member the only one of its cluster. */
export async function recover(
  directory: string,
  { forceMembers, yes = false, output }: RecoverOptions,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const found = await survey(directory);
  if (forceMembers === undefined) {
    if (output === 'json') return print(JSON.stringify(found));
    return print(`${describeSurvey(found)}\n\n${howToForce(found)}`);
  }
  assertOwnMember(found, forceMembers);
  if (output !== 'json') await print(describeSurvey(found));
  const forced = await force(found, yes ? null : terminal);
  await print(output === 'json' ? JSON.stringify(forced) : nextSteps(found, forced));
}

/** Throws a usage error unless the list is the member whose data it is, and nobody else. */
function assertOwnMember({ directory, member }: Survey, list: string): void {
  const ids = list.split(',').map((id) => wholeNumber('--force-members', id.trim(), 1));
  if (ids.length === 1 && ids[0] === member) return;
  throw usageError(
    ids.length > 1 ? `--force-members ${list} names more than one member` : `${directory} is the data of member ${member}, not of ${list}`,
    `Only one member's data can continue, that of the directory: write --force-members ${member}, and add the others afresh with flotilla serve --join.`,
  );
}

/** Asks on the terminal, where there is one. */
async function force(found: Survey, terminal: Terminal | null): Promise<ForcedMembership> {
  const own = ownInfo(found);
  if (!own) {
    throw refused(
      `member ${found.member} is no member of any group, as far as its own log says`,
      'It was never added, or was removed: recover from the data of a member that took part.',
    );
  }
  return forceMembership(found.directory, {
    members: [{ ...own, voter: true, witness: false }],
    async confirm() {
      await assertNobodyAnswers(found);
      if (terminal) await askForConfirmation(found, terminal);
    },
  });
}

async function assertNobodyAnswers(found: Survey): Promise<void> {
  const answering = await answeringMembers(found);
  if (answering.length === 0) return;
  const list = answering.map(({ member, address }) => `member ${member} at ${address}`).join(', ');
  throw refused(
    `others of this cluster still answer: ${list}`,
    'With a majority of them the cluster works, or will when they are started: start them. Otherwise stop them for good, wipe their data, and try again.',
  );
}

async function askForConfirmation({ cluster, member }: Survey, { input, output }: Terminal): Promise<void> {
  if (!input.isTTY) throw usageError('there is no terminal to ask on', 'Give --yes where a script is to go on without being asked.');
  const lines = createInterface({ input, output });
  try {
    const ended = once(lines, 'close').then(() => '');
    const answer = lines.question(
      `\nMember ${member} will be the only one. Writes that only the lost members had are lost, even if they were acknowledged.\nType the name of the cluster to go on: `,
    );
    const typed = await Promise.race([answer, ended]);
    if (typed.trim() !== cluster) throw refused(`"${typed.trim()}" is not "${cluster}"`, 'Nothing was changed.');
  } finally {
    lines.close();
  }
}

function howToForce({ directory, member }: Survey): string {
  return `If a majority of the members is lost for good, choose the surviving one with the highest term of its last entry, then the
longest log, read "Lost quorum" in docs/operations.md, and let it continue alone:
  flotilla recover --data-dir ${directory} --force-members ${member}`;
}

function nextSteps({ member }: Survey, { clusterId, groups }: ForcedMembership): string {
  if (groups.length === 0) return `\nMember ${member} is alone in all its groups already: nothing was changed.`;
  const written = groups.map(({ group, index, term }) => `group ${group} from entry ${index} of term ${term}`).join(', ');
  return `
Member ${member} is now the only one: ${written}.
The cluster is "${clusterId}" from now on; members from before can no longer talk to it.

Next:
  1. Wipe the data directories of all other old members, before any of them is started again.
  2. Start this member with the configuration that it had. It elects itself.
  3. Compare what it has with what your clients remember: acknowledged writes may be missing.
  4. Add new members with flotilla serve --join. Until there are three, the next failure stops the cluster.`;
}

function refused(message: string, hint: string): FlotillaError {
  return new FlotillaError('recovery_refused', message, hint);
}
