import type { Applied, CallOptions, Group, GroupStatus } from '@flotilla/runtime';
import { rejectionError } from './error-table.ts';
import { HttpError } from './http-error.ts';
import type { MemberCall } from './member-call.ts';
import { explainRefusal, notLeaderError } from './membership-refusal.ts';

/** What a host may add to its status, such as its version or its address. */
export type HostInfo = () => Readonly<Record<string, unknown>>;

/** Whom calls are asked of, and how the answers are shown. */
export interface CallTarget {
  readonly group: Group;
  /** The HTTP status of a command's rejections by code; 409 where a code is not named. */
  rejectionStatus(command: string): Readonly<Record<string, number>>;
  readonly hostInfo: HostInfo;
}

/**
 * Carries a call out and gives its answer as `encode` writes it. Whatever it throws, `httpErrorOf` makes the answer of. A command whose
 * reply cannot be written has been applied nonetheless: its error says so, with outcome `unknown`.
 */
export async function answerCall<Encoded>(
  target: CallTarget,
  call: MemberCall,
  options: CallOptions,
  encode: (answer: object) => Encoded,
): Promise<Encoded> {
  if (call.kind !== 'command') return encode(await answerOf(target, call, options));
  const { name, input, stamp } = call;
  const applied = await target.group.execute({ type: name, input }, { ...options, ...(stamp && { stamp }) });
  if (applied.outcome.kind === 'rejected') throw rejectionError(applied, applied.outcome, target.rejectionStatus(name));
  const { index, term, outcome } = applied;
  try {
    return encode({ index, term, reply: outcome.reply });
  } catch (cause) {
    throw unshowableReply(applied, cause);
  }
}

async function answerOf(
  { group, hostInfo }: CallTarget,
  call: Exclude<MemberCall, { kind: 'command' }>,
  options: CallOptions,
): Promise<object> {
  switch (call.kind) {
    case 'query': {
      const { index, result } = await group.query(call.name, call.input, { ...options, ...call.freshness });
      return { index, result };
    }
    case 'open-session':
      return group.openSession(call.ttlMs, options);
    case 'keep-session':
      await group.keepSession(call.session, options);
      return { session: call.session };
    case 'close-session':
      await group.closeSession(call.session, options);
      return { session: call.session };
    case 'status':
      return { ...group.status(), journalStart: group.journalStart(), host: hostInfo() };
    case 'members': {
      const status = group.status();
      if (call.view === 'leader' && status.role !== 'leader') throw notLeaderError(status);
      return membersOf(status);
    }
    case 'change-membership':
      return explained(group, () => group.changeMembership(call.change, options));
    case 'transfer-leadership':
      await explained(group, () => group.transferLeadership(call.target, options));
      return { target: call.target, leader: group.status().leader };
  }
}

function membersOf({ member, leader, members, pendingChange, changeUnderWay, transferTo }: GroupStatus): object {
  return { member, leader, members, pendingChange, changeUnderWay, transferTo };
}

async function explained<Result>(group: Group, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw explainRefusal(error, group.status());
  }
}

function unshowableReply({ index, term }: Applied, cause: unknown): HttpError {
  return new HttpError(
    500,
    'machine_defect',
    `the command was applied at index ${index}, and its reply cannot be shown`,
    'Do not send the command again: read the state. Let the machine reply with plain data.',
    { cause, extra: { outcome: 'unknown', index, term } },
  );
}
