import type { ClusterClient, ClusterMember, ClusterMembers } from '@flotilla/client';
import { describe, expect, test } from 'vitest';
import { awaitChange } from './await-change.ts';
import { catchUpLine, membersTable, waitingFor } from './members-view.ts';

type Progress = NonNullable<ClusterMember['progress']>;

const progress = (over: Partial<Progress> = {}): Progress => ({ matchIndex: 120, mode: 'replicate', silentMs: 10, catchUp: null, ...over });

const member = (id: number, over: Partial<ClusterMember> = {}): ClusterMember => ({
  id,
  peerAddress: `10.0.0.${id}:7000`,
  clientAddress: `10.0.0.${id}:7001`,
  role: 'voter',
  priority: 0,
  leaving: false,
  progress: progress(),
  ...over,
});

const view = (members: readonly ClusterMember[], over: Partial<ClusterMembers> = {}): ClusterMembers => ({
  member: 1,
  leader: 1,
  members,
  pendingChange: null,
  changeUnderWay: false,
  transferTo: null,
  ...over,
});

const catchingUp = member(4, {
  role: 'learner',
  progress: progress({ matchIndex: 70, catchUp: { round: 2, targetIndex: 120, done: false } }),
});

test('the list says how everybody is doing, and what is waited for', () => {
  const members = [
    member(1, { progress: null, priority: 10 }),
    member(2, { progress: progress({ mode: 'probe', silentMs: 61_000, matchIndex: 0 }) }),
    member(3, { leaving: true }),
    catchingUp,
    member(5, { role: 'witness', progress: progress({ mode: 'snapshot' }) }),
  ];
  expect(membersTable(view(members, { pendingChange: { promote: [4], remove: [2, 3] }, transferTo: 3 })).split('\n')).toEqual([
    'MEMBER  ROLE     PEERS          CLIENTS        PRIORITY  MATCH  STATE',
    '1       voter    10.0.0.1:7000  10.0.0.1:7001  10        -      leader',
    '2       voter    10.0.0.2:7000  10.0.0.2:7001  0         0      not in touch, silent for 61 s',
    '3       voter    10.0.0.3:7000  10.0.0.3:7001  0         120    takes over, leaving, in touch',
    '4       learner  10.0.0.4:7000  10.0.0.4:7001  0         70     in touch, catching up: round 2, 70 of 120',
    '5       witness  10.0.0.5:7000  10.0.0.5:7001  0         120    receives a snapshot',
    'Waiting until member 4 has caught up and can vote, and members 2, 3 leave at that moment.',
  ]);
  expect(membersTable(view([member(1)], { leader: 2 }))).toContain('another member sees it');
  expect(waitingFor(null)).toBeNull();
});

test('progress is one line', () => {
  const pendingChange = { promote: [4, 6], remove: [] };
  const unheard = member(6, { role: 'learner', progress: progress({ matchIndex: 0, mode: 'probe' }) });
  expect(catchUpLine(view([member(1), catchingUp, unheard], { pendingChange }))).toBe(
    'member 4: catching up: round 2, 70 of 120; member 6 has not been heard of',
  );
  expect(catchUpLine(view([member(1)]))).toBe('');
});

describe('waiting for a change', () => {
  function client(...views: readonly ClusterMembers[]): ClusterClient {
    let at = 0;
    return { members: async () => views[Math.min(at++, views.length - 1)] } as unknown as ClusterClient;
  }
  const waiting = view([member(1), catchingUp], { pendingChange: { promote: [4], remove: [] }, changeUnderWay: true });
  const expected = { added: [4], voters: [4], removed: [2] };
  const seen: string[] = [];
  const options = { timeoutMs: 10_000, pollMs: 1, onProgress: (line: string) => seen.push(line) };

  test('ends when the leader says that it is complete, and tells each step once', async () => {
    const joint = view([member(1), member(2, { leaving: true }), member(4)], { changeUnderWay: true });
    const elsewhere = view([member(1), member(4)], { member: 2 });
    const done = view([member(1), member(4)]);
    expect(await awaitChange(client(waiting, waiting, joint, elsewhere, done), expected, options)).toBe(done);
    expect(seen).toEqual(['member 4: catching up: round 2, 70 of 120']);
  });

  test.each([
    ['the new member is gone', view([member(1)])],
    ['it does not vote', view([member(1), catchingUp])],
  ])('fails where somebody cancelled it: %s', async (_how, after) => {
    await expect(awaitChange(client(waiting, after), expected, options)).rejects.toMatchObject({ code: 'change_cancelled' });
  });

  test('fails where it takes too long, and says who is waited for', async () => {
    await expect(awaitChange(client(waiting), expected, { ...options, timeoutMs: 5 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('member 4'),
    });
  });
});
