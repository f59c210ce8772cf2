import type { CrashFailure } from './crash-failure.ts';
import { type CrashReport, liveThroughCrashes } from './crash-life.ts';
import { drawPlan } from './crash-plan.ts';

/** So many rounds are the life of one cluster. */
export const roundsOfLife = 25;

export interface CrashCampaign {
  readonly cli: string;
  readonly preloads: readonly string[];
  readonly rounds: number;
  /** Of the first cluster; each one after it has the next. */
  readonly seed: number;
  readonly print: (line: string) => void;
}

/** Makes one cluster after the other crash, until the rounds are over or something happened that must not; returns whether nothing did. */
export async function runCrashCampaign({ cli, preloads, rounds, seed, print }: CrashCampaign): Promise<boolean> {
  const reports: CrashReport[] = [];
  const began = performance.now();
  for (let left = rounds, next = seed; left > 0; left -= roundsOfLife, next++) {
    const report = await liveThroughCrashes({ cli, preloads, seed: next, plan: drawPlan(next, Math.min(left, roundsOfLife)) });
    reports.push(report);
    print(`seed ${next}: ${describe(report)}`);
    if (report.failure === null) continue;
    print(failureText(report, report.failure, next));
    break;
  }
  print(summary(reports, (performance.now() - began) / 1000));
  return reports.every(({ failure }) => failure === null);
}

function describe({ rounds, kills, acknowledgedCommands, failure }: CrashReport): string {
  return `${rounds} rounds, ${kills} kills, ${acknowledgedCommands} acknowledged commands, ${failure === null ? 'ok' : failure.code}`;
}

/** What happened, and what happens again with luck: a seed decides where members die, and not how fast. */
export function failureText({ rounds, kept }: CrashReport, failure: CrashFailure, seed: number): string {
  return [
    `FAILED in round ${rounds + 1} of seed ${seed}: ${failure.code}: ${failure.message}`,
    `kept: ${kept} (history.ndjson is for flotilla check)`,
    `again: npm run crash -- --seed ${seed} --rounds ${roundsOfLife}`,
  ].join('\n');
}

function summary(reports: readonly CrashReport[], seconds: number): string {
  const total = (of: (report: CrashReport) => number) => reports.reduce((sum, report) => sum + of(report), 0);
  const points = new Map<string, number>();
  for (const report of reports) for (const [point, times] of report.points) points.set(point, (points.get(point) ?? 0) + times);
  const table = [...points]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([point, times]) => `  ${point.padEnd(28)} ${String(times).padStart(6)}`);
  const failed = reports.find(({ failure }) => failure !== null)?.failure;
  return [
    'killed at, times:',
    ...table,
    `${total(({ rounds }) => rounds)} rounds in the lives of ${reports.length} clusters, ${seconds.toFixed(0)} s`,
    `${total(({ kills }) => kills)} kills, ${total(({ missed }) => missed)} of them of members that did not get to their point`,
    `${total(({ operations }) => operations)} calls, ${total(({ unknownOutcomes }) => unknownOutcomes)} with an unknown outcome`,
    `${total(({ acknowledgedCommands }) => acknowledgedCommands)} acknowledged commands checked`,
    `verdict: ${failed ? failed.code : 'linearizable, nothing lost, all members equal'}`,
  ].join('\n');
}
