export { createHost, type HostParts } from './create-host.ts';
export type {
  Applied,
  CallOptions,
  Consistency,
  EventBatch,
  Group,
  GroupStatus,
  MemberRole,
  QueryOptions,
  QueryResult,
} from './group.ts';
export { Host } from './host.ts';
export { defaultHostLimits, type GroupConfig, type HostConfig, type HostLimits, hostConfig } from './host-config.ts';
export type { Clock, Logger, Random, Scheduler } from './ports.ts';
export type { RaftStep } from './raft-step.ts';
export { type FailedOutcome, isRuntimeError, RuntimeError, type RuntimeErrorCode } from './runtime-error.ts';
export { type MachineFactory, tokens } from './tokens.ts';
