import { FlotillaError } from '@flotilla/core';
import { plainScreen, terminalScreen } from '../live-screen.ts';
import { print } from '../output.ts';
import { Campaign, type CampaignState } from './campaign.ts';
import { campaignFigures, campaignText, failureText, progressLine } from './campaign-text.ts';
import type { SeedResult } from './seed-result.ts';
import { type SimulateFlags, type SimulateOptions, simulateOptions } from './simulate-options.ts';
import { singleRun } from './single-run.ts';
import { findSubject } from './subjects.ts';

/** `flotilla simulate`: throws `simulation_failed` where a seed fails. */
export async function simulate(flags: SimulateFlags): Promise<void> {
  const options = simulateOptions(flags);
  if (options.repro !== null || options.html !== null || options.history !== null) await singleRun(options);
  else await runCampaign(options);
}

async function runCampaign(options: SimulateOptions): Promise<void> {
  const { json, count, profileFlags } = options;
  // What cannot be loaded shall not be found out by each process on its own.
  await findSubject(options.seeds.machine);
  const began = performance.now();
  const wallMs = () => performance.now() - began;
  // Figures go to standard output, once; how it is going meanwhile is for whoever is watching.
  const screen = process.stderr.isTTY ? terminalScreen(process.stderr) : plainScreen(process.stderr);
  const campaign = new Campaign(options, (result, state) => {
    if (result.failure !== null) screen.line(failureText({ seed: result.seed, failure: result.failure }, profileFlags));
    if (process.stderr.isTTY) screen.update(progressLine(state, count, wallMs()), '');
    if (json) void print(JSON.stringify(seedLine(result)));
  });
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    campaign.stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  const state = await campaign.run();
  for (const signal of signals) process.off(signal, interrupt);
  await print(json ? JSON.stringify(summaryLine(state, wallMs(), interrupted)) : campaignText(state, wallMs()));
  conclude(state, options, interrupted);
}

function conclude({ failures, seeds }: CampaignState, { count }: SimulateOptions, interrupted: boolean): void {
  if (failures.length > 0) {
    const list = failures.map(({ seed }) => seed).join(', ');
    const rest = seeds < count ? `; not run: ${count - seeds}` : '';
    throw new FlotillaError('simulation_failed', `seeds that failed: ${list}${rest}`, 'What to run to see each again stands above.');
  }
  if (interrupted)
    throw new FlotillaError('interrupted', `${count - seeds} of ${count} seeds were not run`, 'Run it again, with --first for the rest.');
}

function seedLine({ seed, traceHash, failure, cpuMs }: SeedResult): object {
  return { kind: 'seed', seed, traceHash, failure, cpuMs };
}

function summaryLine(state: CampaignState, wallMs: number, interrupted: boolean): object {
  const { seeds, totals, cpuMs, shrinkCpuMs, failures } = state;
  const figures = campaignFigures(state, wallMs);
  return {
    kind: 'summary',
    ok: failures.length === 0 && !interrupted,
    seeds,
    failed: failures.map(({ seed }) => seed),
    ...figures,
    ...totals,
    wallMs,
    cpuMs,
    shrinkCpuMs,
  };
}
