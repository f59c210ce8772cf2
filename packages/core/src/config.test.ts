import { describe, expect, it } from 'vitest';
import { checkRaftConfig, defaultRaftConfig, type RaftConfig } from './config.ts';
import { isFlotillaError } from './errors.ts';

function problemOf(change: Partial<RaftConfig>): string | null {
  try {
    checkRaftConfig({ ...defaultRaftConfig, ...change });
    return null;
  } catch (error) {
    if (!isFlotillaError(error, 'config_invalid')) throw error;
    return error.message;
  }
}

describe('checkRaftConfig', () => {
  it('takes the defaults', () => {
    expect(problemOf({})).toBeNull();
  });

  it.each(Object.keys(defaultRaftConfig))('wants %s to be a whole number of at least 1, or 0 where that says never or none', (name) => {
    for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(problemOf({ [name]: value })).toBe(`${name} is ${value}`);
    const mayBeZero = ['quiesceAfterMs', 'leaseDriftPercent', 'trailingEntries'].includes(name);
    expect(problemOf({ [name]: 0 })).toBe(mayBeZero ? null : `${name} is 0`);
  });

  it('wants at least three heartbeats in an election timeout', () => {
    expect(problemOf({ electionTimeoutMs: 300, heartbeatIntervalMs: 100 })).toBeNull();
    expect(problemOf({ electionTimeoutMs: 299, heartbeatIntervalMs: 100 })).toBe('electionTimeoutMs is 299 with heartbeatIntervalMs 100');
  });
});
