import { FlotillaError, foundingMembership, type MemberInfo } from '@flotilla/core';
import { RuntimeError } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { post, serve, until } from './guestbook.ts';

const member = (id: number, over: Partial<MemberInfo> = {}): MemberInfo => ({
  id,
  peerAddress: `10.0.0.${id}:7000`,
  clientAddress: `10.0.0.${id}:7001`,
  voter: true,
  witness: false,
  priority: 0,
  ...over,
});

const addition = { peerAddress: '10.0.0.9:7000', clientAddress: '10.0.0.9:7001' };

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function servedByThree() {
  const served = await serve();
  served.group.setMembership(foundingMembership([member(1), member(2), member(3)]));
  return served;
}

describe('the membership', () => {
  it('is what every member knows of it', async () => {
    const { url, group } = await servedByThree();
    expect(await get(`${url}/v1/members`)).toMatchObject({
      status: 200,
      body: { member: 1, leader: 1, members: [{ id: 1 }, { id: 2, clientAddress: '10.0.0.2:7001' }, { id: 3 }], pendingChange: null },
    });
    expect((await get(`${url}/v1/status`)).body).toMatchObject({
      standing: 'voter',
      members: [{ role: 'voter' }, {}, {}],
      transferTo: null,
    });
    group.setLeader(2);
    expect((await get(`${url}/v1/members`)).status).toBe(200);
    expect(await get(`${url}/v1/members?view=leader`)).toMatchObject({
      status: 421,
      body: { error: { code: 'not_leader', leader: { id: 2, clientAddress: '10.0.0.2:7001' } } },
    });
  });

  it('changes, and the answer says who has which number', async () => {
    const { url } = await servedByThree();
    expect(await post(`${url}/v1/members`, { add: [addition], remove: [1] })).toMatchObject({
      status: 200,
      body: {
        index: 1,
        membership: { members: [{}, {}, {}, { id: 4, voter: false }], pending: { promote: [4], remove: [1] }, highestId: 4 },
      },
    });
    expect(await post(`${url}/v1/members`, { add: [{ ...addition, peerAddress: '[::1]:1' }] })).toMatchObject({
      status: 409,
      body: { error: { code: 'change_under_way', outcome: 'not-applied', hint: expect.stringContaining('remove 4') } },
    });
    expect(await post(`${url}/v1/members`, { remove: [4] })).toMatchObject({ status: 200 });
  });

  it.each([
    ['nobody to change', {}, 400, 'nothing_to_change', /add/],
    ['a number that was given before', { add: [{ ...addition, id: 2 }] }, 409, 'member_id_used', /next free/],
    [
      'an address that is taken',
      { add: [{ ...addition, peerAddress: '10.0.0.2:7000' }] },
      409,
      'address_in_use',
      /2 \(voter, 10\.0\.0\.2:7000\)/,
    ],
    ['a member that is none', { remove: [7] }, 404, 'unknown_member', /1 .*2 .*3 /],
    ['a voter that is promoted', { promote: [2] }, 409, 'not_a_learner', /Learners: none/],
    ['everybody that is removed', { remove: [1, 2, 3] }, 409, 'no_voter_left', /Keep/],
  ])('refuses %s and says what to do', async (_what, change, status, code, hint) => {
    const { url } = await servedByThree();
    expect(await post(`${url}/v1/members`, change)).toMatchObject({
      status,
      body: { error: { code, outcome: 'not-applied', hint: expect.stringMatching(hint) } },
    });
  });

  it.each([
    ['not a body', []],
    ['an unknown part', { drop: [1] }],
    ['a number that is none', { remove: [0] }],
    ['a number beyond 32 bits', { remove: [2 ** 32] }],
    ['an address without a port', { add: [{ ...addition, peerAddress: '10.0.0.9' }] }],
    ['port 0', { add: [{ ...addition, peerAddress: '10.0.0.9:0' }] }],
    ['a port beyond 16 bits', { add: [{ ...addition, clientAddress: '10.0.0.9:65536' }] }],
    ['an address that is a wildcard', { add: [{ ...addition, peerAddress: '0.0.0.0:7000' }] }],
    ['an address that is not ASCII', { add: [{ ...addition, peerAddress: 'bücher.example:7000' }] }],
    ['an address that is a URL', { add: [{ ...addition, clientAddress: 'http://10.0.0.9:7001' }] }],
    ['a role that is none', { add: [{ ...addition, role: 'captain' }] }],
    ['a priority beyond 1000', { add: [{ ...addition, priority: 1001 }] }],
    ['too many at once', { add: Array.from({ length: 17 }, () => addition) }],
  ])('refuses %s', async (_what, body) => {
    const { url } = await servedByThree();
    expect(await post(`${url}/v1/members`, body)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_input', outcome: 'not-applied' } },
    });
  });

  it('is changed by the leader only, which the answer names', async () => {
    const { url, group } = await servedByThree();
    group.setLeader(3);
    const leader = { id: 3, clientAddress: '10.0.0.3:7001' };
    expect(await post(`${url}/v1/members`, { remove: [2] })).toMatchObject({
      status: 421,
      body: { error: { code: 'not_leader', leader } },
    });
    // Twice, because `fetch` itself repeats what was answered with 421 over a new connection.
    for (let time = 0; time < 2; time++) group.failNext(new FlotillaError('not_leader', 'm', 'h'));
    group.setLeader(1);
    expect(await post(`${url}/v1/members`, { remove: [2] })).toMatchObject({ status: 421, body: { error: { leader: null } } });
  });

  it('says where the outcome is unknown', async () => {
    const { url, group } = await servedByThree();
    group.failNext(new RuntimeError('leadership_lost', 'unknown', 'm', 'h'));
    expect(await post(`${url}/v1/members`, { remove: [2] })).toMatchObject({
      status: 503,
      body: { error: { code: 'leadership_lost', outcome: 'unknown', hint: expect.stringContaining('/v1/members') } },
    });
  });
});

describe('a transfer', () => {
  it('makes another member the leader', async () => {
    const { url } = await servedByThree();
    expect(await post(`${url}/v1/transfer`, { target: 2 })).toMatchObject({ status: 200, body: { target: 2, leader: 2 } });
    expect(await post(`${url}/v1/transfer`, { target: 1 })).toMatchObject({ status: 421, body: { error: { leader: { id: 2 } } } });
  });

  it('to somebody who cannot lead is refused with those who can', async () => {
    const { url } = await servedByThree();
    expect(await post(`${url}/v1/transfer`, { target: 9 })).toMatchObject({
      status: 409,
      body: { error: { code: 'invalid_target', hint: expect.stringMatching(/: 2 .*3 /) } },
    });
    expect(await post(`${url}/v1/transfer`, {})).toMatchObject({ status: 400, body: { error: { code: 'invalid_input' } } });
  });
});

describe('somebody outside of the group', () => {
  it.each([
    ['removed', 421, 'member_removed', /removed/],
    ['joining', 503, 'not_a_member', /added/],
  ] as const)('that is %s refuses calls and is not ready', async (standing, status, code, why) => {
    const { url, group } = await serve();
    await post(`${url}/v1/commands/sign`, { names: ['ada'] });
    expect((await get(`${url}/v1/ready`)).status).toBe(200);
    group.setStanding(standing);
    group.setLeader(null);
    for (const path of ['/v1/commands/sign', '/v1/queries/all', '/v1/queries/all?consistency=stale']) {
      expect(await post(`${url}${path}`, { names: ['bob'] })).toMatchObject({ status, body: { error: { code, outcome: 'not-applied' } } });
    }
    expect(await get(`${url}/v1/events`)).toMatchObject({ status, body: { error: { code } } });
    expect(await get(`${url}/v1/ready`)).toMatchObject({
      status: 503,
      body: { error: { code: 'not_ready', message: expect.stringMatching(why) } },
    });
    expect(await get(`${url}/v1/status`)).toMatchObject({ status: 200, body: { standing } });
    expect((await get(`${url}/v1/members`)).status).toBe(200);
  });

  it('ends the event streams that are open, so that their readers go on elsewhere', async () => {
    const { url, group } = await serve({ heartbeatMs: 5 });
    const response = await fetch(`${url}/v1/events`);
    await until(() => group.streams === 1);
    group.setStanding('removed');
    await response.text();
    expect(group.streams).toBe(0);
  });

  it('is no learner, who is ready; a witness, who has nothing to serve, is not', async () => {
    const { url, group } = await serve();
    await post(`${url}/v1/commands/sign`, { names: ['ada'] });
    group.setStanding('learner');
    expect((await get(`${url}/v1/ready`)).status).toBe(200);
    group.setStanding('witness');
    expect((await get(`${url}/v1/ready`)).status).toBe(503);
  });
});

describe('how fresh a read is', () => {
  it('is passed on', async () => {
    const { url, group } = await serve();
    const seen: unknown[] = [];
    const query = group.query.bind(group);
    group.query = (type, input, options) => {
      seen.push([options?.consistency, options?.maxStalenessMs]);
      return query(type, input, options);
    };
    for (const freshness of ['consistency=lease', 'consistency=stale&maxStalenessMs=50', ''])
      await post(`${url}/v1/queries/all?${freshness}`);
    expect(seen).toEqual([
      ['lease', undefined],
      ['stale', 50],
      ['linearizable', undefined],
    ]);
    for (const wrong of ['consistency=fresh', 'maxStalenessMs=50', 'consistency=stale&maxStalenessMs=0']) {
      expect(await post(`${url}/v1/queries/all?${wrong}`)).toMatchObject({ status: 400, body: { error: { code: 'invalid_query' } } });
    }
  });
});
