import type { RefusalCode, Refused } from './replicated-machine.ts';

const hints: Readonly<Record<RefusalCode, string>> = {
  session_expired:
    'Open another session. This attempt applied nothing; whether an earlier one of the same command did is not known any more: read the state.',
  sequence_answered:
    'This attempt applied nothing; an earlier command with this number may have been. Number commands upwards, and repeat none that you have acknowledged.',
  reply_forgotten: 'The command was applied: read the state instead of repeating it. Acknowledge replies sooner.',
  too_many_sessions: 'Close sessions that are not used any more, or share one among the commands of a client; then try again.',
  session_window_exceeded: 'Wait for replies and acknowledge them before sending more commands of this session.',
  version_changed: 'Nothing was applied: send the command again, so that it is checked by the version that is active.',
  malformed_payload: 'Send what encode gives, unchanged.',
};

/** A request came to nothing: see {@link RefusalCode}. */
export function refused(code: RefusalCode, message: string): Refused {
  return { kind: 'refused', code, message, hint: hints[code] };
}
