import { isFlotillaError } from '@flotilla/core';

/** What the command's exit code tells a script. */
export const exitCodes = {
  ok: 0,
  /** Anything without a code of its own. */
  failure: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
  /** What was asked for is not there. */
  notFound: 3,
  /** A condition did not hold, such as an expected revision. */
  conflict: 4,
  /** No member could answer in time; trying again may help. */
  unavailable: 5,
  /** A check ended before it came to a verdict. */
  undecided: 6,
} as const;

export const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 condition not met, 5 no member could answer,
6 no verdict.`;

const byErrorCode: { readonly [code: string]: number } = {
  usage: exitCodes.usage,
  config_invalid: exitCodes.usage,
  invalid_input: exitCodes.usage,
  nothing_to_change: exitCodes.usage,
  module_not_found: exitCodes.usage,
  module_failed: exitCodes.usage,
  no_machine: exitCodes.usage,
  several_machines: exitCodes.usage,
  machine_mismatch: exitCodes.usage,
  repro_not_json: exitCodes.usage,
  repro_foreign: exitCodes.usage,
  repro_version: exitCodes.usage,
  repro_malformed: exitCodes.usage,
  repro_machine: exitCodes.usage,
  history_malformed: exitCodes.usage,
  history_line_too_long: exitCodes.usage,
  history_value_unsupported: exitCodes.usage,
  history_without_invoke: exitCodes.usage,
  history_completed_twice: exitCodes.usage,
  history_process_busy: exitCodes.usage,
  history_process_reused: exitCodes.usage,
  history_time_backwards: exitCodes.usage,
  history_order: exitCodes.usage,
  history_full: exitCodes.usage,
  history_call_unknown: exitCodes.usage,
  app_mismatch: exitCodes.usage,
  cluster_mismatch: exitCodes.usage,
  key_not_found: exitCodes.notFound,
  unknown_member: exitCodes.notFound,
  command_rejected: exitCodes.conflict,
  revision_mismatch: exitCodes.conflict,
  recovery_refused: exitCodes.conflict,
  change_under_way: exitCodes.conflict,
  change_cancelled: exitCodes.conflict,
  member_id_used: exitCodes.conflict,
  address_in_use: exitCodes.conflict,
  address_of_a_voter: exitCodes.conflict,
  not_a_learner: exitCodes.conflict,
  no_voter_left: exitCodes.conflict,
  invalid_target: exitCodes.conflict,
  transfer_timeout: exitCodes.conflict,
  no_leader: exitCodes.unavailable,
  leadership_lost: exitCodes.unavailable,
  not_leader: exitCodes.unavailable,
  leader_not_ready: exitCodes.unavailable,
  transfer_under_way: exitCodes.unavailable,
  not_a_member: exitCodes.unavailable,
  state_diverged: exitCodes.unavailable,
  member_removed: exitCodes.unavailable,
  member_is_witness: exitCodes.unavailable,
  connection_lost: exitCodes.unavailable,
  overloaded: exitCodes.unavailable,
  storage_full: exitCodes.unavailable,
  timeout: exitCodes.unavailable,
  stopped: exitCodes.unavailable,
  unreachable: exitCodes.unavailable,
  not_linearizable: exitCodes.conflict,
  linearizability_undecided: exitCodes.undecided,
};

export function exitCodeOf(error: unknown): number {
  return isFlotillaError(error) ? (byErrorCode[error.code] ?? exitCodes.failure) : exitCodes.failure;
}

/** An error in one line: what happened and what to do. */
export function describeError(error: unknown): string {
  if (isFlotillaError(error)) return `${error.message} (${error.code}). ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
