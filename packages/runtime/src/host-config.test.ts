import { describe, expect, test } from 'vitest';
import { hostConfig } from './host-config.ts';

const founder = (id: number) => ({ id, peerAddress: `p${id}`, clientAddress: `c${id}`, voter: true, witness: false, priority: 0 });
const group = (id: number, ...founders: number[]) => ({ id, founders: founders.map(founder) });
const good = { member: 1, groups: [group(1, 1, 2, 3)] };

describe('hostConfig', () => {
  test('fills in every default', () => {
    const { raft, limits } = hostConfig(good);
    expect([...Object.values(raft), ...Object.values(limits)].every((value) => value >= 0)).toBe(true);
    expect(hostConfig({ ...good, limits: { pendingCommandsMax: 5 } }).limits.pendingCommandsMax).toBe(5);
  });

  test.each([
    ['a limit that is no number', { limits: { pendingCommandsMax: Number.NaN } }],
    ['a limit of zero', { limits: { tailBytesMax: 0 } }],
    ['a raft setting of zero', { raft: { electionTimeoutMs: 0 } }],
    ['group 0', { groups: [group(0, 1)] }],
    ['two groups of one number', { groups: [good.groups[0], good.groups[0]] as typeof good.groups }],
    ['a member that is no founder', { member: 4 }],
    ['a founder twice', { groups: [group(1, 1, 1)] }],
    ['a founder that is no number', { groups: [group(1, 1, 1.5)] }],
    ['a group that nobody could lead', { groups: [{ id: 1, founders: [{ ...founder(1), witness: true }] }] }],
  ])('refuses %s', (_what, wrong) => {
    expect(() => hostConfig({ ...good, ...wrong })).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
