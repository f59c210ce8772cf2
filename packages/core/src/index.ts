export type { Entry, EntryKind, GroupId, HardState, Index, MemberId, Term } from './entry.ts';
export { FlotillaError, invariant, isFlotillaError } from './errors.ts';
export { describeLog, emptyLog, extend, type LogShape, lastTerm, type TermRun, termAt, truncateAfter } from './log.ts';
export type {
  Append,
  AppendAccepted,
  AppendRejected,
  Heartbeat,
  HeartbeatReply,
  Message,
  Outbound,
  ProposalPosition,
  Propose,
  ProposeReply,
  ReadIndex,
  ReadIndexReply,
  RequestVote,
  VoteReply,
} from './message.ts';
