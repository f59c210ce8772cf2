import { type Command, Option } from 'commander';
import { clientCommand } from '../endpoints.ts';
import type { AddOptions, ChangeOptions, CommonOptions } from './members-calls.ts';

/** The calls bring the client and its libraries; `--help` should not wait for them. */
const calls = () => import('./members-calls.ts');

/** `flotilla members` and `flotilla transfer`: who belongs to a cluster, and who leads it. */
export function addMembersCommand(program: Command): void {
  const members = program.command('members').description('see and change who belongs to a cluster');

  clientCommand(members.command('list').description('list the members, and how far they have come')).action(
    async (options: CommonOptions) => (await calls()).list(options),
  );
  change(members.command('add').description('add a member, which is started with: flotilla serve … --join'))
    .requiredOption('--peer <address>', 'where the other members will reach it')
    .requiredOption('--client <address>', 'where clients will reach it')
    .option('--id <number>', 'its number; by default the next one that no member ever had')
    .addOption(new Option('--role <role>', 'a voter votes once it has caught up').choices(['voter', 'learner', 'witness']).default('voter'))
    .option('--priority <number>', 'members of the highest priority are elected first, 0 to 1000')
    .option('--replace <member>', 'remove this member in the same step')
    .action(async (options: AddOptions) => (await calls()).add(options));
  change(members.command('remove').description('remove members, or give up on members that are waited for'))
    .argument('<member...>', 'their numbers')
    .action(async (ids: readonly string[], options: ChangeOptions) => (await calls()).remove(ids, options));
  change(members.command('promote').description('make voters of learners, once they have caught up'))
    .argument('<member...>', 'their numbers')
    .action(async (ids: readonly string[], options: ChangeOptions) => (await calls()).promote(ids, options));

  clientCommand(program.command('transfer').description('make another member the leader'))
    .argument('<member>', 'its number')
    .action(async (id: string, options: CommonOptions) => (await calls()).transfer(id, options));
}

function change(command: Command): Command {
  return clientCommand(command)
    .option('--wait', 'wait until the change is complete; the default on a terminal')
    .option('--no-wait', 'return once it is certain that the change will happen as soon as it can')
    .option('--wait-timeout-ms <ms>', 'how long to wait for that', '600000');
}
