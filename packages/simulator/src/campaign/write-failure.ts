import { type Repro, reproText, sizeOf } from '../repro/repro.ts';
import { timelineHtml } from '../timeline/timeline-html.ts';
import { timelineText } from '../timeline/timeline-text.ts';
import type { FailedReport } from './shrink-failure.ts';
import type { SimulationFiles } from './simulation-files.ts';

/** Where a failure was written to. */
export interface FailurePaths {
  readonly repro: string;
  readonly text: string;
  readonly page: string;
}

/** The repro of a failure: `found` is the run of the seed, `smallest` what became of it. */
export function reproOf(found: FailedReport, smallest: FailedReport): Repro {
  const { machine, plan, failure, traceHash } = smallest;
  return { machine, plan, failure, traceHash, from: { seed: found.plan.seed, shrunkFrom: smallest === found ? null : sizeOf(found) } };
}

/** Writes what somebody needs to see a failure again, and to understand it: the repro file, and its timeline in two forms. */
export async function writeFailure(files: SimulationFiles, found: FailedReport, smallest: FailedReport): Promise<FailurePaths> {
  const repro = await files.write(`${nameOf(found)}.repro.json`, reproText(reproOf(found, smallest)));
  return { repro, ...(await writeTimelines(files, nameOf(found), smallest)) };
}

export async function writeTimelines(files: SimulationFiles, name: string, report: FailedReport): Promise<Omit<FailurePaths, 'repro'>> {
  return {
    text: await files.write(`${name}.timeline.txt`, timelineText(report)),
    page: await files.write(`${name}.timeline.html`, timelineHtml(report)),
  };
}

/** What the files of a failing run are called, without their endings. */
export function nameOf({ machine, plan }: FailedReport): string {
  return `${machine.name.replaceAll(/[^\w.-]|^\.+/g, '_')}-seed-${plan.seed}`;
}
