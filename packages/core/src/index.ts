export { checkRaftConfig, defaultRaftConfig, type RaftConfig } from './config.ts';
export { decide } from './decide.ts';
export type { AnswerRead, Apply, Effect, Persist, RejectReason, Replicate, Send } from './effect.ts';
export type { Entry, EntryKind, GroupId, HardState, Index, MemberId, Term } from './entry.ts';
export { FlotillaError, invariant, isFlotillaError } from './errors.ts';
export { type DurableEvent, isDurable, type RaftEvent, type VolatileEvent } from './event.ts';
export { evolve } from './evolve.ts';
export type { Input } from './input.ts';
export { describeLog, emptyLog, extend, type LogShape, lastPossibleMatch, lastTerm, type TermRun, termAt, truncateAfter } from './log.ts';
export { describeMembership, isQuorum, isVoter, type Membership, quorumIndex, quorumSize } from './membership.ts';
export type {
  Append,
  AppendAccepted,
  AppendRejected,
  ClientMessage,
  Heartbeat,
  HeartbeatReply,
  Message,
  Outbound,
  ProposalAnswer,
  ProposalPosition,
  Propose,
  ProposeReply,
  ReadAnswer,
  ReadIndex,
  ReadIndexReply,
  Refusal,
  RequestVote,
  TermMessage,
  VoteReply,
} from './message.ts';
export {
  deadline,
  describeState,
  initialState,
  type PendingRead,
  type Progress,
  type RaftStart,
  type RaftState,
  type Role,
} from './state.ts';
export type { Decision } from './step.ts';
