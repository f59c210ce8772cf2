import { expect, it } from 'vitest';
import { type SimulateFlags, simulateOptions } from './simulate-options.ts';

/** As commander fills in what was not said. */
const defaults: SimulateFlags = {
  seeds: '20',
  first: '1',
  faults: 'all',
  shrink: true,
  shrinkRunsMax: '300',
  failuresMax: '5',
  hangAfter: '120',
  directory: 'simulation-failures',
};

const options = (flags: Partial<SimulateFlags> = {}) => simulateOptions({ ...defaults, ...flags });

it('leaves to chance what nobody said', () => {
  const { seeds, first, count, failuresMax, profileFlags } = options();
  expect({ first, count, failuresMax, profileFlags }).toEqual({ first: 1, count: 20, failuresMax: 5, profileFlags: [] });
  expect(seeds).toEqual({
    machine: 'registers',
    profile: { faults: 'all' },
    verifyDeterminism: false,
    shrinkRunsMax: 300,
    directory: 'simulation-failures',
  });
});

it('reads the plan that is wanted, and says it again for whoever repeats a seed', () => {
  const said = { machine: 'kv', members: '3', rate: '50', duration: '7', faults: 'crash, pause' };
  const { seeds, profileFlags } = options(said);
  expect(seeds.profile).toEqual({ members: 3, ratePerSecond: 50, durationMs: 7000, faults: ['crash', 'pause'] });
  expect(profileFlags).toEqual(['--machine', 'kv', '--members', '3', '--rate', '50', '--duration', '7', '--faults', 'crash, pause']);
});

it('makes nothing smaller where that is not wanted', () => {
  expect(options({ shrink: false }).seeds.shrinkRunsMax).toBe(0);
});

it.each<[string, Partial<SimulateFlags>]>([
  ['--seeds 0 is not a whole number', { seeds: '0' }],
  ['--jobs two is not a whole number', { jobs: 'two' }],
  ['--duration 1.5 is not a whole number', { duration: '1.5' }],
  ['--faults flood is no kind of fault', { faults: 'crash,flood' }],
  ['--html shows one run, and --seeds is 20', { html: 'a.html' }],
  ['--history shows one run, and --seeds is 20', { history: 'a.ndjson' }],
])('%s', (message, flags) => {
  expect(() => options(flags)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }));
});

it('shows one run, of a seed or of a file', () => {
  expect(options({ html: 'a.html', seeds: '1' }).html).toBe('a.html');
  expect(options({ history: 'a.ndjson', repro: 'a.json' }).repro).toBe('a.json');
});
