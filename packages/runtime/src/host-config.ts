import {
  checkRaftConfig,
  defaultRaftConfig,
  FlotillaError,
  foundingMembership,
  type GroupId,
  keepsData,
  type MemberId,
  type MemberInfo,
  type RaftConfig,
} from '@flotilla/core';
import type { SnapshotPolicy } from '@flotilla/snapshot';

/** A group that a host takes part in. */
export interface GroupConfig {
  readonly id: GroupId;
  /**
   * Who founds the group, this host among them; empty for a host that joins a group and waits to be added. Counts at the
   * first start only: from then on the membership is what the log says.
   */
  readonly founders: readonly MemberInfo[];
  /** This host keeps no payloads, see {@link MemberInfo.witness}. For one that joins; founders say so in their list. */
  readonly witness?: boolean;
  /** When this host stores the group's state by itself. Default: never. */
  readonly snapshot?: SnapshotPolicy;
}

/** The bounds of a host's queues, buffers and calls, each per group unless it says otherwise. */
export interface HostLimits {
  /** Commands that wait for their outcome. More are refused with `overloaded`. */
  readonly pendingCommandsMax: number;
  readonly pendingCommandBytesMax: number;
  /** Reads that wait for their turn. More are refused with `overloaded`. */
  readonly pendingQueriesMax: number;
  /** The size of one encoded command. Larger ones are refused with `payload_too_large`. */
  readonly payloadBytesMax: number;
  /** Payload bytes in one forwarded proposal; a single larger command still travels. */
  readonly proposalBytesMax: number;
  /** Payload bytes on their way into a log that have no slot yet; what is beyond waits its turn. */
  readonly offeredBytesMax: number;
  /** Recent entries kept in memory for slow followers and the apply loop. */
  readonly tailEntriesMax: number;
  readonly tailBytesMax: number;
  /** Entries applied before other work gets its turn. */
  readonly applyEntriesMax: number;
  readonly applyBytesMax: number;
  /** Bytes of events that wait for the journal before applying pauses. */
  readonly journalBytesMax: number;
  /** Of the host: bytes of snapshots that it sends in a second. Default: 1 GiB, which is as fast as disks and peers let it. */
  readonly snapshotBytesPerSecondMax: number;
}

const mebibyte = 1024 * 1024;
const u32Max = 0xffff_ffff;

export const defaultHostLimits: HostLimits = {
  pendingCommandsMax: 16_384,
  pendingCommandBytesMax: 64 * mebibyte,
  pendingQueriesMax: 16_384,
  payloadBytesMax: 2 * mebibyte,
  proposalBytesMax: mebibyte,
  offeredBytesMax: 8 * mebibyte,
  tailEntriesMax: 16_384,
  tailBytesMax: 64 * mebibyte,
  applyEntriesMax: 512,
  applyBytesMax: 4 * mebibyte,
  journalBytesMax: 32 * mebibyte,
  snapshotBytesPerSecondMax: 1024 * mebibyte,
};

/**
 * What becomes of a machine's handler that reads a clock, draws randomness, sets a timer or does I/O. `enforced`: it is stopped with
 * an error that names the alternative, which costs a little with each command. `trusted`: nobody looks.
 */
export type Determinism = 'enforced' | 'trusted';

export interface HostConfig {
  readonly member: MemberId;
  readonly groups: readonly GroupConfig[];
  readonly raft: RaftConfig;
  readonly limits: HostLimits;
  /** How often a leader lets the replicas of a group compare their states, in milliseconds, as long as these change; 0 for never. */
  readonly stateComparisonMs: number;
  readonly determinism: Determinism;
}

const defaultStateComparisonMs = 10_000;

/** A complete configuration from the parts that somebody cared to say. Throws `config_invalid`. */
export function hostConfig(parts: {
  readonly member: MemberId;
  readonly groups: readonly GroupConfig[];
  readonly raft?: Partial<RaftConfig>;
  readonly limits?: Partial<HostLimits>;
  /** Default 10000. */
  readonly stateComparisonMs?: number;
  /** Default `trusted`. */
  readonly determinism?: Determinism;
}): HostConfig {
  const config: HostConfig = {
    member: parts.member,
    groups: parts.groups,
    raft: { ...defaultRaftConfig, ...parts.raft },
    limits: { ...defaultHostLimits, ...parts.limits },
    stateComparisonMs: parts.stateComparisonMs ?? defaultStateComparisonMs,
    determinism: parts.determinism ?? 'trusted',
  };
  checkRaftConfig(config.raft);
  for (const [name, value] of Object.entries(config.limits)) {
    checkPositive(name, value);
  }
  if (config.stateComparisonMs !== 0) checkPositive('stateComparisonMs', config.stateComparisonMs);
  const ids = config.groups.map(({ id }) => id);
  check(new Set(ids).size === ids.length, `the groups ${ids.join(', ')} are not all different`, 'Give every group a number of its own.');
  for (const group of config.groups) checkGroup(group, config.member);
  return config;
}

function checkGroup({ id, founders, snapshot = {} }: GroupConfig, member: MemberId): void {
  for (const [name, value] of Object.entries(snapshot)) checkPositive(`snapshot.${name}`, value);
  const ids = founders.map((founder) => founder.id);
  for (const number of [id, member, ...ids]) {
    check(Number.isInteger(number) && number >= 1 && number <= u32Max, `${number} numbers no group or member`, `Use 1 to ${u32Max}.`);
  }
  check(
    ids.length === 0 || ids.includes(member),
    `member ${member} is not among the founders ${ids.join(', ')} of group ${id}`,
    'List this member, too, or no founders at all if it joins.',
  );
  check(new Set(ids).size === ids.length, `group ${id} lists a founder twice`, 'Give every member a number of its own.');
  check(
    ids.length === 0 || keepsData(foundingMembership(founders)),
    `the voters of group ${id} that keep data are no majority`,
    'List more voters that are no witnesses.',
  );
}

function checkPositive(name: string, value: number): void {
  check(Number.isSafeInteger(value) && value >= 1, `${name} is ${value}`, `Set ${name} to a whole number of at least 1.`);
}

function check(condition: boolean, message: string, hint: string): void {
  if (!condition) throw new FlotillaError('config_invalid', message, hint);
}
