import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { failureText, roundsOfLife } from '../crash/crash-campaign.ts';
import { type CrashReport, liveThroughCrashes } from '../crash/crash-life.ts';
import { type CrashPlan, drawPlan } from '../crash/crash-plan.ts';
import { cliPath } from './process-cluster.ts';

const seed = Number(process.env.CRASH_SEED ?? 1);

test(`every acknowledged write survives kill -9 at named points (seed ${seed})`, { timeout: 600_000 }, async () => {
  const report = await live(drawPlan(seed, roundsOfLife));
  expect(report.failure && failureText(report, report.failure, seed)).toBeNull();
  expect(report).toMatchObject({ rounds: roundsOfLife, kept: null });
  expect(report.kills).toBeGreaterThanOrEqual(roundsOfLife);
  expect(report.acknowledgedCommands).toBeGreaterThan(10 * roundsOfLife);
  // Most die where they are meant to, or else nothing was tried.
  expect(report.missed).toBeLessThan(report.kills / 4);
});

test('a cluster that keeps nothing on disk is found out', { timeout: 120_000 }, async () => {
  const everybodyDies: CrashPlan = { founding: [null, null, null], strikes: [{ kind: 'everybody', afterMs: 300 }] };
  const { failure, kept } = await live(everybodyDies, 'defects/nothing-on-disk.mjs');
  expect(failure).toMatchObject({ code: 'acknowledged_write_lost' });
  if (kept !== null) rmSync(kept, { recursive: true });
});

function live(plan: CrashPlan, ...defects: readonly string[]): Promise<CrashReport> {
  const preloads = ['crash-points.mjs', ...defects].map((file) => fileURLToPath(new URL(`../crash/${file}`, import.meta.url)));
  return liveThroughCrashes({ cli: cliPath, preloads, plan, seed });
}
