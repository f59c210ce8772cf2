import { readFile, writeFile } from 'node:fs/promises';
import { FlotillaError } from '@flotilla/core';
import {
  checkMachine,
  drawPlan,
  historyText,
  type Plan,
  parseRepro,
  type Repro,
  type RunReport,
  runPlan,
  timelineHtml,
  timelineText,
  totalsOf,
  verifyDeterminism,
} from '@flotilla/simulator';
import { print } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { defaultMachine, type SimulateOptions } from './simulate-options.ts';
import { findSubject } from './subjects.ts';

/** Runs one plan in this very process, of a repro file or of a seed, and shows what happened. Throws `simulation_failed`. */
export async function singleRun(options: SimulateOptions): Promise<void> {
  const { seeds, first, html, history, json } = options;
  const repro = options.repro === null ? null : parseRepro(await readRepro(options.repro));
  const subject = await findSubject(repro !== null && seeds.machine === defaultMachine ? repro.machine.name : seeds.machine);
  if (repro !== null) checkMachine(repro, subject.machine);
  const plan: Plan = repro?.plan ?? drawPlan(first, seeds.profile);
  const report = await runPlan(plan, subject);
  const difference = seeds.verifyDeterminism ? await verifyDeterminism((again, traced) => runPlan(again, subject, traced), report) : null;
  if (html !== null) await writeFile(html, timelineHtml(report));
  if (history !== null) await writeFile(history, [...historyText(report.history)].join(''));
  await print(
    json
      ? JSON.stringify(jsonReport(report, difference))
      : `${timelineText(report)}${repro === null ? '' : `\n${comparison(repro, report)}`}`,
  );
  if (difference !== null) throw failed(`two runs of one plan differ: ${difference}`, 'Something in it depends on more than the plan.');
  if (report.failure !== null)
    throw failed(
      `${report.failure.invariant} at ${report.failure.atMs.toFixed(3)} ms`,
      'What led there stands above, and in the page of --html.',
    );
}

/** Whether it came out as it did when the file was written. */
function comparison({ failure, traceHash }: Repro, report: RunReport): string {
  if (report.traceHash === traceHash) return 'Everything happened as it did when the file was written.';
  if (report.failure === null) return `It does not fail any more: ${failure.invariant} is not seen.`;
  const same = report.failure.invariant === failure.invariant;
  return `It fails ${same ? 'in the same way' : `in another way than by ${failure.invariant}`}, but not everything happened as it did when the file was written.`;
}

function jsonReport(report: RunReport, difference: string | null) {
  const { plan, machine, failure, traceHash, timeline } = report;
  return { kind: 'run', machine, seed: plan.seed, failure, difference, traceHash, totals: totalsOf(report), timeline };
}

async function readRepro(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Give the path of a repro file.');
  }
}

function failed(message: string, hint: string): FlotillaError {
  return new FlotillaError('simulation_failed', message, hint);
}
