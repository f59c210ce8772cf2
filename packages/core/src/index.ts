export { checkRaftConfig, defaultRaftConfig, type RaftConfig } from './config.ts';
export { decide } from './decide.ts';
export type {
  AcceptMembership,
  AcceptTransfer,
  AnswerRead,
  Apply,
  Effect,
  Persist,
  RejectMembership,
  RejectReason,
  RejectTransfer,
  Replicate,
  RestoreSnapshot,
  Send,
  SendChunk,
  StoreChunk,
  TransferRefusal,
} from './effect.ts';
export { type Entry, type EntryKind, type GroupId, type HardState, type Index, type MemberId, memberIdMax, type Term } from './entry.ts';
export { FlotillaError, invariant, isFlotillaError } from './errors.ts';
export { type DurableEvent, isDurable, type RaftEvent, type VolatileEvent } from './event.ts';
export { evolve } from './evolve.ts';
export type { AppendSent, Input } from './input.ts';
export {
  compactThrough,
  describeLog,
  emptyLog,
  extend,
  type LogShape,
  lastPossibleMatch,
  lastTerm,
  startAfter,
  type TermRun,
  termAt,
  truncateAfter,
} from './log.ts';
export {
  describeMembership,
  electionRank,
  emptyMembership,
  findMember,
  foundingMembership,
  isQuorum,
  isVoter,
  isWitness,
  keepsData,
  type MemberInfo,
  type Membership,
  majoritySize,
  otherVoters,
  type PendingChange,
  type PlacedMembership,
  peersOf,
  quorumValue,
  wasRemoved,
} from './membership.ts';
export { type MembershipChange, type MembershipRefusal, type NewMember, planChange } from './membership-change.ts';
export { decodeMembership, encodeMembership } from './membership-codec.ts';
export type {
  Append,
  AppendAccepted,
  AppendRejected,
  ClientMessage,
  Heartbeat,
  HeartbeatReply,
  Message,
  Outbound,
  PreVote,
  PreVoteReply,
  ProposalAnswer,
  ProposalPosition,
  Propose,
  ProposeReply,
  ReadAnswer,
  ReadIndex,
  ReadIndexReply,
  Refusal,
  RequestVote,
  SnapshotChunk,
  SnapshotReply,
  TermMessage,
  TimeoutNow,
  VoteReply,
} from './message.ts';
export { type Draw, draw } from './random.ts';
export { beginRecovering, canRecover } from './recovering.ts';
export type { Candidate, CatchUp, Follower, Leader, PendingRead, PreCandidate, Progress, Role, Transfer } from './role.ts';
export { interruptedInstall, type LogBase, type MachineIdentity, type SnapshotInfo } from './snapshot.ts';
export {
  committedMembership,
  deadline,
  describeState,
  initialState,
  isSettled,
  membershipAt,
  type RaftStart,
  type RaftState,
} from './state.ts';
export type { Decision } from './step.ts';
