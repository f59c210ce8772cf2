import type { ClientError } from './client-error.ts';

/** Whether another attempt can be expected to do better: by anybody, again and again; by each member once; by nobody. */
type Prospect = 'anybody' | 'each-once' | 'nobody';

/*
 * Whether another attempt is worth it is one question, answered here. Whether it is safe is another one: a read always is, a command of
 * a session too, since it is applied once however often it is sent, and everything else where the failed attempt was certainly not
 * applied (`not-applied`).
 */
const byCode: Readonly<Record<string, Prospect>> = {
  // Nobody took it. Another member may run, or this one soon.
  unreachable: 'anybody',
  // The member, or the way to it, ended meanwhile. Others go on without it.
  connection_lost: 'anybody',
  // Elections and transfers take a moment.
  no_leader: 'anybody',
  leadership_lost: 'anybody',
  leader_not_ready: 'anybody',
  transfer_under_way: 'anybody',
  // This member cannot, another one can.
  not_leader: 'anybody',
  member_removed: 'anybody',
  member_is_witness: 'anybody',
  not_a_member: 'anybody',
  state_diverged: 'anybody',
  member_failed: 'anybody',
  stopped: 'anybody',
  closing: 'anybody',
  not_ready: 'anybody',
  // A bound was reached; it is a matter of time until there is room.
  overloaded: 'anybody',
  too_many_calls: 'anybody',
  too_many_connections: 'anybody',
  too_many_streams: 'anybody',
  too_many_sessions: 'anybody',
  // The gave-up attempt may have been the fault of a leader that hangs: the next one decides.
  timeout: 'anybody',
  // A new version of the machine became active; the next attempt is checked and encoded by that.
  version_changed: 'anybody',
  // Nobody makes room on a disk within the time of a call, but others may have some.
  storage_full: 'each-once',
};

// For what has no code that is known here, such as the answer of a proxy.
const byStatus: Readonly<Record<number, Prospect>> = {
  // Misdirected (RFC 9110, section 15.5.20): another member can.
  421: 'anybody',
  502: 'anybody',
  503: 'anybody',
  504: 'anybody',
  507: 'each-once',
};

/** Who may do better than the attempt that failed with `error`, which is no answer of the machine. */
export function prospectAfter(error: ClientError): Prospect {
  if (Object.hasOwn(byCode, error.code)) return byCode[error.code] ?? 'nobody';
  return (error.status === null ? undefined : byStatus[error.status]) ?? 'nobody';
}
