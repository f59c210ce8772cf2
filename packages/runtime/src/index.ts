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
export { type FailedOutcome, isRuntimeError, RuntimeError, type RuntimeErrorCode } from './runtime-error.ts';
