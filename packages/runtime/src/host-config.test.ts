import { describe, expect, test } from 'vitest';
import { hostConfig } from './host-config.ts';

const good = { member: 1, groups: [{ id: 1, voters: [1, 2, 3] }] };

describe('hostConfig', () => {
  test('fills in every default', () => {
    const { raft, limits } = hostConfig(good);
    expect([...Object.values(raft), ...Object.values(limits)].every((value) => value >= 1)).toBe(true);
    expect(hostConfig({ ...good, limits: { pendingCommandsMax: 5 } }).limits.pendingCommandsMax).toBe(5);
  });

  test.each([
    ['a limit that is no number', { limits: { pendingCommandsMax: Number.NaN } }],
    ['a limit of zero', { limits: { tailBytesMax: 0 } }],
    ['a raft setting of zero', { raft: { electionTimeoutMs: 0 } }],
    ['group 0', { groups: [{ id: 0, voters: [1] }] }],
    ['two groups of one number', { groups: [good.groups[0], good.groups[0]] as typeof good.groups }],
    ['a member that is no voter', { member: 4 }],
    ['a voter twice', { groups: [{ id: 1, voters: [1, 1] }] }],
    ['a voter that is no number', { groups: [{ id: 1, voters: [1, 1.5] }] }],
  ])('refuses %s', (_what, wrong) => {
    expect(() => hostConfig({ ...good, ...wrong })).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
