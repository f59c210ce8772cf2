import type { CampaignState, FailedSeed } from './campaign.ts';
import { describeSize } from './seed-result.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** How much was simulated and how fast, as numbers. */
export function campaignFigures({ totals, cpuMs }: CampaignState, wallMs: number) {
  const hours = totals.simulatedMs / hourMs;
  return {
    simulatedHours: hours,
    events: totals.events,
    eventsPerSecond: wallMs > 0 ? (1000 * totals.events) / wallMs : 0,
    clusterHoursPerCoreMinute: cpuMs > 0 ? (hours * minuteMs) / cpuMs : 0,
  };
}

/** Where a campaign is, in one line. */
export function progressLine(state: CampaignState, count: number, wallMs: number): string {
  const { simulatedHours, clusterHoursPerCoreMinute } = campaignFigures(state, wallMs);
  const failing = state.failures.length === 0 ? 'none failing' : `${state.failures.length} FAILING`;
  return `${state.seeds} of ${count} seeds, ${failing}, ${simulatedHours.toFixed(2)} simulated hours, ${clusterHoursPerCoreMinute.toFixed(2)} per core-minute, ${Math.round(wallMs / 1000)} s`;
}

/** What a campaign came to. */
export function campaignText(state: CampaignState, wallMs: number): string {
  const { seeds, totals, cpuMs, shrinkCpuMs, failures } = state;
  const { calls, faults, operationsChecked, unknownVerdicts } = totals;
  const figures = campaignFigures(state, wallMs);
  const kinds = Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows: readonly (readonly [string, string])[] = [
    ['seeds', `${seeds}, ${failures.length} failed`],
    ['simulated', `${figures.simulatedHours.toFixed(3)} hours of a cluster`],
    ['events', `${totals.events}, ${Math.round(figures.eventsPerSecond)} per second`],
    ['speed', `${figures.clusterHoursPerCoreMinute.toFixed(2)} cluster-hours per core-minute`],
    [
      'time',
      `${(wallMs / 1000).toFixed(1)} s; CPU ${(cpuMs / 1000).toFixed(1)} s${shrinkCpuMs < 100 ? '' : ` and ${(shrinkCpuMs / 1000).toFixed(1)} s to make plans smaller`}`,
    ],
    ['calls', `${calls.ok} ok, ${calls.failed} failed, ${calls.unknown} unknown`],
    ['checked', `${operationsChecked} operations, ${unknownVerdicts} unknown verdicts`],
    ['healed', `${totals.healed} losses of a member`],
    ['faults', kinds.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)}${value}`).join('\n');
}

/** A seed that failed: how, and what to do to see it again. */
export function failureText({ seed, failure }: FailedSeed, flags: readonly string[]): string {
  const { invariant, message, hint, atMs, from, to, paths } = failure;
  const machine = flags.indexOf('--machine') === -1 ? [] : ['--machine', flags[flags.indexOf('--machine') + 1] ?? ''];
  const size = from === null ? '' : to === null ? describeSize(from) : `from ${describeSize(from)} to ${describeSize(to)}`;
  return [
    `seed ${seed} fails: ${invariant}${atMs > 0 ? ` at ${atMs.toFixed(3)} ms` : ''}`,
    message,
    hint,
    size,
    paths === null
      ? ''
      : `again: npx flotilla simulate --repro ${quoted(paths.repro)}${machine.map((word) => ` ${quoted(word)}`).join('')}`,
    `seed:  npx flotilla simulate --seeds 1 --first ${seed}${flags.map((word) => ` ${quoted(word)}`).join('')}`,
    paths === null ? '' : `what happened: ${paths.page}, ${paths.text}`,
  ]
    .filter((line) => line !== '')
    .map((line, n) => (n === 0 ? line : line.replace(/^/gm, '  ')))
    .join('\n');
}

/** As a shell reads it as one word. */
function quoted(word: string): string {
  return /^[\w./:,@=#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
