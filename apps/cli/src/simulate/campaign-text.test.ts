import { noTotals } from '@flotilla/simulator';
import { expect, it } from 'vitest';
import type { CampaignState, FailedSeed } from './campaign.ts';
import { campaignText, failureText, progressLine } from './campaign-text.ts';

const failed: FailedSeed = {
  seed: 7,
  failure: {
    invariant: 'election-safety',
    message: 'members 1 and 3 lead term 4',
    hint: 'Look.',
    atMs: 12.5,
    paths: { repro: 'failures/a.json', text: 'failures/a.txt', page: 'failures/a.html' },
    from: { faults: 23, calls: 3000, members: 5 },
    to: { faults: 1, calls: 2, members: 3 },
  },
};

const state: CampaignState = {
  seeds: 240,
  totals: {
    ...noTotals,
    runs: 240,
    simulatedMs: 3_600_000,
    events: 1_000_000,
    faults: { pause: 2, crash: 40 },
    healed: 4,
    calls: { ok: 700, failed: 20, unknown: 3 },
    operationsChecked: 650,
  },
  cpuMs: 30_000,
  shrinkCpuMs: 0,
  failures: [failed],
};

it('says what was simulated, and how fast', () => {
  expect(campaignText(state, 20_000).split('\n')).toEqual([
    'seeds      240, 1 failed',
    'simulated  1.000 hours of a cluster',
    'events     1000000, 50000 per second',
    'speed      2.00 cluster-hours per core-minute',
    'time       20.0 s; CPU 30.0 s',
    'calls      700 ok, 20 failed, 3 unknown',
    'checked    650 operations, 0 unknown verdicts',
    'healed     4 losses of a member',
    'faults     crash 40, pause 2',
  ]);
  expect(progressLine(state, 500, 20_000)).toBe('240 of 500 seeds, 1 FAILING, 1.00 simulated hours, 2.00 per core-minute, 20 s');
});

it('knows no speed before there was any work', () => {
  const nothing = { ...state, totals: noTotals, cpuMs: 0, failures: [] };
  expect(progressLine(nothing, 500, 0)).toBe('240 of 500 seeds, none failing, 0.00 simulated hours, 0.00 per core-minute, 0 s');
});

it('says how to see a failure again, as a shell understands it', () => {
  expect(failureText(failed, ['--machine', 'my module.js#counter', '--members', '3']).split('\n')).toEqual([
    'seed 7 fails: election-safety at 12.500 ms',
    '  members 1 and 3 lead term 4',
    '  Look.',
    '  from 23 faults, 3000 calls, 5 members to 1 fault, 2 calls, 3 members',
    "  again: npx flotilla simulate --repro failures/a.json --machine 'my module.js#counter'",
    "  seed:  npx flotilla simulate --seeds 1 --first 7 --machine 'my module.js#counter' --members 3",
    '  what happened: failures/a.html, failures/a.txt',
  ]);
});

it('of a process that died there is only its seed', () => {
  const { failure } = failed;
  const text = failureText({ seed: 8, failure: { ...failure, invariant: 'crash', atMs: 0, paths: null, from: null, to: null } }, []);
  expect(text.split('\n')).toEqual([
    'seed 8 fails: crash',
    '  members 1 and 3 lead term 4',
    '  Look.',
    '  seed:  npx flotilla simulate --seeds 1 --first 8',
  ]);
});
