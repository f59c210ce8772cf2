import { type Command, Option } from 'commander';
import { endpointsOption, outputOption } from '../endpoints.ts';
import type { CallFlags } from './call.ts';

/** `flotilla call`: any command or query of any machine, as the members that serve it describe it. */
export function addCallCommand(program: Command): void {
  const command = program
    .command('call')
    .description('call a command or a query of the machine that a cluster serves')
    .usage('<machine> [command or query] [options] [--field value …]')
    .argument('[machine]', 'its name')
    .argument('[name]', 'the command or query; without it, what there is')
    .addOption(endpointsOption())
    .addOption(outputOption())
    .option('--timeout-ms <ms>', 'how long to keep trying', '5000')
    .addOption(new Option('--consistency <level>', 'of a query: how fresh the answer must be').choices(['linearizable', 'lease', 'stale']))
    .option('--json <input>', 'the whole input, or what the fields are added to')
    .helpOption(false)
    .option('-h, --help', 'what the machine takes')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      `
Fields are those of the schema: --by 2, --express or --no-express for what is true or false, --tag a --tag b for a list,
--address.city Rome for what is nested. A field that has the name of an option goes into --json.

  flotilla call counter --help
  flotilla call counter increment --by 2
  flotilla call kv put --key greeting --value ahoy
  flotilla call kv get --key greeting --consistency lease`,
    )
    .action(async (machine: string | undefined, name: string | undefined, flags: CallFlags) => {
      if (machine === undefined) return command.outputHelp();
      const { call } = await import('./call.ts');
      await call(machine, name, fieldWords(command, name), flags);
    });
}

/** What is left of the command line behind machine and name, in its order. */
function fieldWords({ args }: Command, name: string | undefined): readonly string[] {
  return args.slice(name === undefined ? 1 : 2);
}
