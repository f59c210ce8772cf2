import { setTimeout as delay } from 'node:timers/promises';
import { type ClusterClient, type ClusterMember, type ClusterMembers, isClientError } from '@flotilla/client';
import { FlotillaError } from '@flotilla/core';
import type { JoinRole } from './serve-config.ts';

/** Somebody who wants to become a member. */
export interface Applicant {
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly role: JoinRole;
  /** The number that it wants, or null for the next one. */
  readonly member: number | null;
}

export interface JoinOptions {
  /** How long to wait for a leader, and for changes that are under way, in milliseconds. */
  readonly timeoutMs: number;
  readonly retryMs: number;
  /** Hears what is waited for, once for each reason. */
  readonly onWait: (reason: string) => void;
}

export const defaultJoinOptions = { timeoutMs: 120_000, retryMs: 500 };

/** What the members say of their cluster. Throws `cluster_mismatch` or `app_mismatch` where it is not the wanted one. */
export async function clusterToJoin(client: ClusterClient, app: string, wanted: string | null): Promise<string> {
  const { host } = await client.status();
  const cluster = String(host.cluster);
  if (host.app !== app)
    throw new FlotillaError('app_mismatch', `the cluster serves ${String(host.app)}, not ${app}`, 'Join a cluster of the same app.');
  // After a forced recovery a cluster's name goes on behind a #.
  if (wanted === null || cluster === wanted || cluster.startsWith(`${wanted}#`)) return cluster;
  throw new FlotillaError(
    'cluster_mismatch',
    `the cluster there is "${cluster}", not "${wanted}"`,
    'Correct --cluster, or the addresses of --join.',
  );
}

/**
 * Adds the applicant to the group and returns its number. Safe to repeat after a crash: an applicant whose addresses are
 * listed already, as somebody who does not vote yet, is that member.
 *
 * That is sound because who does not vote has promised nothing that counts. A voter has caught up, so it had a data
 * directory; who comes without one must not speak in its name, and gets `address_of_a_voter`. If a member that did not vote
 * yet lost its directory, the others know it by its old one and refuse the new one.
 */
export async function joinCluster(client: ClusterClient, applicant: Applicant, options: JoinOptions): Promise<number> {
  const end = performance.now() + options.timeoutMs;
  let lastReason = '';
  for (;;) {
    const listed = own(applicant, await client.members({ timeoutMs: options.timeoutMs }));
    if (listed !== null) return listed;
    try {
      return await add(client, applicant);
    } catch (error) {
      if (!isClientError(error) || !mayRetry(error.code, error.outcome) || performance.now() > end) throw error;
      if (error.message !== lastReason) options.onWait(error.message);
      lastReason = error.message;
      await delay(options.retryMs);
    }
  }
}

async function add(client: ClusterClient, { peerAddress, clientAddress, role, member }: Applicant): Promise<number> {
  const addition = { peerAddress, clientAddress, role, ...(member === null ? {} : { id: member }) };
  const { membership } = await client.changeMembership({ add: [addition] });
  const added = membership.members.find((one) => one.peerAddress === peerAddress);
  if (added) return added.id;
  throw new FlotillaError('unexpected_answer', 'the answer does not list the member that was added', 'Look at flotilla members list.');
}

/** An outcome that is unknown shows in the list; so does somebody who was faster. A change, or an election, ends. */
function mayRetry(code: string, outcome: string): boolean {
  return outcome === 'unknown' || code === 'change_under_way' || code === 'address_in_use' || code === 'timeout';
}

/** The number under which the applicant is listed, or null. Throws where somebody else has its addresses. */
function own({ peerAddress, clientAddress, member }: Applicant, { members, pendingChange }: ClusterMembers): number | null {
  const listed = members.find((one) => one.peerAddress === peerAddress || one.clientAddress === clientAddress);
  if (listed === undefined) return null;
  const both = listed.peerAddress === peerAddress && listed.clientAddress === clientAddress;
  if (!both) throw taken(listed, 'Give this member addresses of its own.');
  if (votes(listed, pendingChange)) {
    throw new FlotillaError(
      'address_of_a_voter',
      `member ${listed.id} with these addresses votes already, and this data directory is not its own`,
      `If it lost its data, remove it first, then start this again: flotilla members remove ${listed.id}. Otherwise name its data directory.`,
    );
  }
  if (member === null || member === listed.id) return listed.id;
  throw taken(listed, `Leave --member ${member} out, or remove member ${listed.id} first.`);
}

function votes({ id, role }: ClusterMember, pendingChange: ClusterMembers['pendingChange']): boolean {
  return role === 'voter' || (role === 'witness' && pendingChange?.promote.includes(id) !== true);
}

function taken({ id, peerAddress, clientAddress }: ClusterMember, hint: string): FlotillaError {
  return new FlotillaError('address_in_use', `member ${id} has the addresses ${peerAddress} and ${clientAddress}`, hint);
}
