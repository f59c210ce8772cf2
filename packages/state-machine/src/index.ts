export { decodeCommand, decodeEvents, decodeValue, encodeCommand, encodeEvents, encodeValue } from './codec/codec.ts';
export { copyValue } from './codec/copy-value.ts';
export { inputDepthMax, inputItemsMax } from './codec/format.ts';
export { isWellFormed, readUtf8, utf8Length } from './codec/utf8.ts';
export { type CompositionSpecification, composeMachines } from './composition/compose-machines.ts';
export type { CommandContext, EffectOutcome, EffectRequestOptions, EventContext, ScheduledCommand } from './context.ts';
export type {
  Accepted,
  Command,
  CommittedCommand,
  EncodedOutcome,
  FiredTimer,
  FollowUpRoom,
  MachineEvent,
  Outcome,
  Rejected,
  RequestedEffect,
  StateMachine,
  TimerChange,
} from './contract.ts';
export { defineMachine, type MachineSpecification } from './define-machine.ts';
export type {
  AnyMachineDefinition,
  CommandDefinition,
  CommandOptions,
  Decision,
  EffectDefinition,
  ErrorDescription,
  EventHandler,
  MachineDefinition,
  Migration,
  QueryDefinition,
  QueryOptions,
  TypedAccepted,
  TypedEvent,
  TypedRejected,
  Upcasters,
} from './definition.ts';
export {
  type CommandDescription,
  describeMachine,
  type JsonSchema,
  type MachineDescription,
  type QueryDescription,
  type RejectionDescription,
} from './describe-machine.ts';
export {
  type EffectContext,
  type EffectData,
  EffectFailed,
  type EffectHandlers,
  type EffectSignal,
  isEffectFailed,
} from './effect-handlers.ts';
export { timerIdLengthMax } from './follow-ups.ts';
export { accept, command, effect, event, query, reject } from './handlers.ts';
export { type InputIssue, isMachineError, MachineError, type MachineErrorCode } from './machine-error.ts';
export type {
  CommandInput,
  CommandOf,
  CommandRejection,
  CommandReply,
  EventOf,
  QueryAnswer,
  QueryInput,
  StateOf,
} from './machine-types.ts';
export { type MachineVersions, oneVersion } from './machine-versions.ts';
export { ForwardingReplica } from './replica/forwarding-replica.ts';
export { replicate } from './replica/replicate.ts';
export type {
  AppliedRequest,
  CommittedRequest,
  Divergence,
  PendingEffect,
  RefusalCode,
  Refused,
  ReplicaService,
  ReplicatedMachine,
} from './replica/replicated-machine.ts';
export type { GroupRequest, SessionStamp, VersionRange } from './replica/request.ts';
export { decodeRequest, encodeRequest } from './replica/request-codec.ts';
export { sessionTtlRange } from './replica/session-table.ts';
export { assertReads, noVersion, type SnapshotOwner, type SnapshotReader } from './snapshot-owner.ts';
export { binaryKey, bytesOfKey } from './space/binary-key.ts';
export { MemorySpace } from './space/memory-space.ts';
export { OrderedMap, type OrderedRange } from './space/ordered-map.ts';
export { decodeSpaceSnapshot, encodeSpaceSnapshot } from './space/space-snapshot.ts';
export { type KeyRange, type KeyValue, type StateReader, type StateSpace, stateKeyBytesMax } from './space/state-space.ts';
export type { KeyPrefix, Table, TableRange } from './space/table.ts';
export type { KeyPart, TableKey } from './space/table-key.ts';
export { type SpaceState, type TableDefinition, type TableShape, type TablesOf, table, tables } from './space/tables.ts';
export { upcastEvents, versionsOf } from './versions-of.ts';
