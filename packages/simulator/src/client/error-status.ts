import type { RuntimeErrorCode } from '@flotilla/runtime';
import type { MachineErrorCode } from '@flotilla/state-machine';

/** With which status the HTTP gateway answers each error of a group: clients go by it when they decide on another attempt. */
export const runtimeStatus: { readonly [Code in RuntimeErrorCode]: number } = {
  no_leader: 503,
  leadership_lost: 503,
  overloaded: 503,
  storage_full: 507,
  stopped: 503,
  timeout: 504,
  aborted: 499,
  payload_too_large: 413,
  member_failed: 500,
  not_a_member: 503,
  state_diverged: 503,
  member_removed: 421,
  member_is_witness: 421,
  no_snapshot_store: 501,
  nothing_to_snapshot: 409,
  session_expired: 410,
  sequence_answered: 409,
  reply_forgotten: 409,
  too_many_sessions: 503,
  session_window_exceeded: 409,
  version_changed: 503,
  malformed_payload: 400,
  not_leader: 421,
  leader_not_ready: 503,
  change_under_way: 409,
  transfer_under_way: 503,
  nothing_to_change: 400,
  member_id_used: 409,
  member_id_invalid: 400,
  address_in_use: 409,
  unknown_member: 404,
  not_a_learner: 409,
  no_voter_left: 409,
  invalid_target: 409,
  transfer_timeout: 409,
};

/** The same for the errors of a machine. */
export const machineStatus: { readonly [Code in MachineErrorCode]: number } = {
  unknown_command: 404,
  unknown_query: 404,
  invalid_input: 400,
  malformed_payload: 400,
  machine_defect: 500,
  nondeterministic: 500,
};

/** What a machine refuses by a code of its own. */
export const rejectionStatus = 409;
