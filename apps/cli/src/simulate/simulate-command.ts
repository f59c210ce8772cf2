import type { Command } from 'commander';
import type { SeedSettings, SimulateFlags } from './simulate-options.ts';

/** `flotilla simulate`: whole clusters under virtual time, with everything going wrong that can. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run whole clusters in virtual time, with faults that a seed decides on, and check everything that happens')
    .option(
      '--machine <name>',
      'what they run: registers, alarms, kv, a module that exports a machine and a workload, or <module>#<export> (default: registers)',
    )
    .option('--seeds <count>', 'how many seeds to run', '20')
    .option('--first <seed>', 'the first of them', '1')
    .option('--jobs <count>', 'processes at a time (default: one for each core)')
    .option('--members <count>', 'voters of each cluster (default: 5)')
    .option('--rate <calls>', 'calls per second of all clients together (default: 200)')
    .option('--duration <seconds>', 'simulated seconds of calls and faults (default: 10)')
    .option('--faults <kinds>', 'all, none, or kinds of faults, separated by commas', 'all')
    .option('--verify-determinism', 'run every seed twice, and name the first event in which the runs differ')
    .option('--no-shrink', 'do not look for a smaller plan that fails, too')
    .option('--shrink-runs-max <count>', 'give up on a smaller plan after so many runs', '300')
    .option('--failures-max <count>', 'begin no more seeds once so many have failed', '5')
    .option('--hang-after <seconds>', 'a seed fails of which no run is over for so long, by the clock on the wall', '120')
    .option('--directory <path>', 'where failures are written', 'simulation-failures')
    .option('--repro <file>', 'run the plan of this file instead, and show what happens')
    .option('--html <file>', 'write the timeline of that run, or of one seed, as a page')
    .option('--history <file>', 'write the calls of that run, or of one seed, one event on each line')
    .option('--json', 'print one JSON object on each line instead')
    .addHelpText(
      'after',
      `
A seed that fails leaves a repro file and its timeline, of the smallest plan that was found to fail in the same way. Exit code 1:
a seed failed, or the plan of the repro file still does.

  flotilla simulate --seeds 500
  flotilla simulate --machine kv --faults crash,partition --duration 60 --verify-determinism
  flotilla simulate --repro simulation-failures/registers-seed-7.repro.json --html seed-7.html`,
    )
    .action(async (flags: SimulateFlags) => {
      const { simulate } = await import('./simulate.ts');
      await simulate(flags);
    });

  program
    .command('simulate-seeds', { hidden: true })
    .argument('<settings>')
    .action(async (settings: string) => {
      const { workOnSeeds } = await import('./seed-worker.ts');
      await workOnSeeds(JSON.parse(settings) as SeedSettings);
    });
}
