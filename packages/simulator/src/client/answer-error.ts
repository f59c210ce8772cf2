import { ClientError, CommandRejected, isClientError, type LeaderAddress } from '@flotilla/client';
import { type Applied, type Group, type GroupStatus, isRuntimeError } from '@flotilla/runtime';
import { decodeValue, encodeValue, isMachineError, type MachineErrorCode, type Rejected } from '@flotilla/state-machine';
import { machineStatus, rejectionStatus, runtimeStatus } from './error-status.ts';

/** An error of a group as it reaches a client over HTTP. */
export function answerError(error: unknown, group: Group): ClientError {
  if (isClientError(error)) return error;
  if (isRuntimeError(error)) {
    const { code, outcome, message, hint } = error;
    const leader = code === 'not_leader' ? knownLeader(group.status()) : null;
    return new ClientError(code, outcome, message, hint, { status: runtimeStatus[code], leader, cause: error });
  }
  if (isMachineError(error)) {
    const { code, message, hint } = error;
    return new ClientError(code, 'not-applied', message, hint, { status: machineStatus[code], cause: error });
  }
  return new ClientError('internal', 'unknown', 'something unforeseen happened', 'See the cause.', { status: 500, cause: error });
}

/** A command that the machine refused. Its details travel as any other value, while over HTTP they are JSON. */
export function rejectedCommand({ index }: Applied, { code, message, details }: Rejected): CommandRejected {
  return new CommandRejected(code, message, 'The machine refused the command; nothing changed.', {
    status: isMachineCode(code) ? machineStatus[code] : rejectionStatus,
    details: decodeValue(encodeValue(details, 'machine_defect')),
    index,
  });
}

/** The refusal of a member that was asked for what only a leader has. */
export function notLeading(status: GroupStatus): ClientError {
  return new ClientError('not_leader', 'not-applied', `member ${status.member} is not the leader`, 'Ask the leader.', {
    status: runtimeStatus.not_leader,
    leader: knownLeader(status),
  });
}

/** Who just lost the leadership may still hold itself for the leader, and is then no help. */
function knownLeader({ leader, member, members }: GroupStatus): LeaderAddress | null {
  const known = members.find(({ id }) => id === leader && id !== member);
  return known === undefined ? null : { id: known.id, clientAddress: known.clientAddress };
}

function isMachineCode(code: string): code is MachineErrorCode {
  return Object.hasOwn(machineStatus, code);
}
