import { ClientError, type ClusterClient, type ClusterMember, type ClusterMembers } from '@flotilla/client';
import { describe, expect, test } from 'vitest';
import { clusterToJoin, joinCluster } from './join-cluster.ts';

const applicant = { peerAddress: '10.0.0.4:7000', clientAddress: '10.0.0.4:7001', role: 'voter', member: null } as const;

const listed = (over: Partial<ClusterMember> = {}): ClusterMember => ({
  id: 4,
  peerAddress: applicant.peerAddress,
  clientAddress: applicant.clientAddress,
  role: 'learner',
  priority: 0,
  leaving: false,
  progress: null,
  ...over,
});

/** A cluster that lists `members`, and makes of each addition what the next step says. */
function cluster(members: readonly ClusterMember[], ...steps: readonly (ClientError | 'added' | 'added, but nobody hears')[]) {
  const all = [...members];
  const additions: unknown[] = [];
  let pending: ClusterMembers['pendingChange'] = null;
  const client: Partial<ClusterClient> = {
    members: async () => ({
      member: 1,
      leader: 1,
      members: all,
      pendingChange: pending,
      changeUnderWay: pending !== null,
      transferTo: null,
    }),
    async changeMembership(change) {
      const step = steps[additions.length] ?? 'added';
      additions.push(change);
      if (step instanceof ClientError) throw step;
      all.push(listed());
      pending = { promote: [4], remove: [] };
      if (step !== 'added') throw new ClientError('connection_lost', 'unknown', 'm', 'h');
      return {
        index: 1,
        membership: { members: all.map((one) => ({ ...one, voter: false, witness: false })), outgoing: null, pending, highestId: 4 },
      };
    },
  };
  return { client: client as ClusterClient, additions };
}

const waits: string[] = [];
const options = { timeoutMs: 1000, retryMs: 1, onWait: (reason: string) => waits.push(reason) };
const refused = (code: string, message = code) => new ClientError(code, 'not-applied', message, 'h');

describe('a new member', () => {
  test('is added with its addresses, and gets a number', async () => {
    const { client, additions } = cluster([]);
    expect(await joinCluster(client, applicant, options)).toBe(4);
    const { member: _, ...addition } = applicant;
    expect(additions).toEqual([{ add: [addition] }]);
  });

  test('may want a number', async () => {
    const { client, additions } = cluster([]);
    await joinCluster(client, { ...applicant, member: 4 }, options);
    expect(additions).toMatchObject([{ add: [{ id: 4 }] }]);
  });

  test('waits for a change that is under way, and says so once', async () => {
    const busy = refused('change_under_way', 'another change waits');
    const { client } = cluster([], busy, busy, busy);
    expect(await joinCluster(client, applicant, options)).toBe(4);
    expect(waits).toEqual(['another change waits']);
  });

  test('waits for a leader', async () => {
    const { client } = cluster([], refused('timeout'));
    expect(await joinCluster(client, applicant, options)).toBe(4);
  });

  test('finds itself in the list where the answer was lost', async () => {
    const { client, additions } = cluster([], 'added, but nobody hears');
    expect(await joinCluster(client, applicant, options)).toBe(4);
    expect(additions).toHaveLength(1);
  });

  test('gives up where it is refused for good', async () => {
    const { client } = cluster([], refused('member_id_used'));
    await expect(joinCluster(client, applicant, options)).rejects.toMatchObject({ code: 'member_id_used' });
  });
});

describe('addresses that are listed already', () => {
  test('of somebody who does not vote are its own: a start was cut short, or an operator added it', async () => {
    const { client, additions } = cluster([listed()]);
    expect(await joinCluster(client, applicant, options)).toBe(4);
    expect(additions).toEqual([]);
  });

  test.each([
    ['a voter, whose promises this directory does not know', listed({ role: 'voter' }), 'address_of_a_voter'],
    ['a witness that votes', listed({ role: 'witness' }), 'address_of_a_voter'],
    ['somebody with another client address', listed({ clientAddress: '10.0.0.9:7001' }), 'address_in_use'],
    ['somebody with another peer address', listed({ peerAddress: '10.0.0.9:7000' }), 'address_in_use'],
  ])('of %s are refused', async (_who, member, code) => {
    const { client, additions } = cluster([member]);
    await expect(joinCluster(client, applicant, options)).rejects.toMatchObject({ code });
    expect(additions).toEqual([]);
  });

  test('under another number than the wanted one are refused', async () => {
    const { client } = cluster([listed()]);
    await expect(joinCluster(client, { ...applicant, member: 5 }, options)).rejects.toMatchObject({ code: 'address_in_use' });
  });
});

describe('the cluster', () => {
  const of = (host: object) => ({ status: async () => ({ host }) }) as unknown as ClusterClient;

  test.each([
    ['demo', null, 'demo'],
    ['demo', 'demo', 'demo'],
    ['demo#2', 'demo', 'demo#2'],
  ])('%s may be joined as %s', async (name, wanted, joined) => {
    expect(await clusterToJoin(of({ cluster: name, app: 'kv' }), 'kv', wanted)).toBe(joined);
  });

  test('must be the wanted one, of the same app', async () => {
    await expect(clusterToJoin(of({ cluster: 'demo', app: 'kv' }), 'kv', 'other')).rejects.toMatchObject({ code: 'cluster_mismatch' });
    await expect(clusterToJoin(of({ cluster: 'demo', app: 'lock' }), 'kv', null)).rejects.toMatchObject({ code: 'app_mismatch' });
  });
});
