import { defaultRaftConfig, type RaftConfig } from '@flotilla/core';
import { defaultHostLimits, type HostLimits } from '@flotilla/runtime';
import type { DiskPlan, NetworkPlan, Plan, WorkloadPlan } from '../plan/plan.ts';
import { readFaults } from './read-fault.ts';
import { malformed } from './repro-error.ts';
import { exactly, flag, list, number, orNull, part, type Reader, record, whole } from './value-readers.ts';

const probability = number(0, 1);

/** Settings that are whole numbers, by the names of their defaults. */
function settings<T extends { readonly [K in keyof T]: number }>(defaults: T): Reader<Partial<T>> {
  // What every field is read by is the same, so that the compiler need not see which fields there are.
  return part(Object.fromEntries(Object.keys(defaults).map((name) => [name, whole()])) as never);
}

const raft = settings<RaftConfig>(defaultRaftConfig);
const limits = settings<HostLimits>(defaultHostLimits);

const network = record<NetworkPlan>({
  delayMs: number(0),
  jitterMs: number(0),
  datagrams: flag,
  loss: probability,
  duplicate: probability,
  reorder: probability,
  throughCodec: flag,
});

const disk = record<DiskPlan>({ writeMs: number(0), syncMs: number(0) });

const workload = record<WorkloadPlan>({
  clients: whole(1),
  ratePerSecond: number(Number.MIN_VALUE),
  burst: whole(1),
  timeoutMs: number(Number.MIN_VALUE),
  sessionTtlMs: orNull(whole(1)),
  without: list(whole()),
  until: orNull(whole()),
});

const builds: Reader<Plan['builds']> = (value, path) => {
  const read = list(part<Required<Plan['builds'][number]>>({ raft, limits }))(value, path);
  if (read.length === 0) throw malformed(path, value, 'a list of at least one build');
  return read;
};

/** Takes a value for a plan, field by field: none may be missing, unknown, or of another type. */
export const readPlan: Reader<Plan> = record<Plan>({
  format: exactly(1),
  seed: whole(Number.MIN_SAFE_INTEGER),
  members: whole(1),
  witnesses: whole(),
  durationMs: number(0),
  convergenceMs: number(0),
  turnMs: number(0),
  stateComparisonMs: whole(),
  raft,
  limits,
  builds,
  network,
  disk,
  workload,
  faults: readFaults,
});
