import { expect, it } from 'vitest';
import { countLine, countTests } from './count-tests.mjs';

type Modules = Parameters<typeof countTests>[0];

function moduleOf(states: readonly string[], errors: readonly unknown[] = []): Modules[number] {
  const module = {
    errors: () => errors,
    children: { allSuites: () => [], allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  };
  return module as unknown as Modules[number];
}

it('counts tests by their end', () => {
  expect(countTests([moduleOf(['passed', 'failed']), moduleOf(['skipped', 'passed'])], [])).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

it('counts what broke outside of a test', () => {
  expect(countTests([moduleOf([], [new Error('import')])], [new Error('unhandled')])).toEqual({ passed: 0, failed: 2, skipped: 0 });
});

it('says so in one line', () => {
  expect(countLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(countLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
