import {
  type Decision,
  decide,
  describeState,
  type Effect,
  isFlotillaError,
  type MemberId,
  type Message,
  type RaftState,
} from '../../src/index.ts';
import { formatMessage } from '../scenario/message-text.ts';
import { arrival } from './roles.ts';

/** What became of a message: the decision, or the state as it was where the core stopped. */
export interface Outcome {
  readonly decision: Decision | null;
  readonly text: string;
}

export function receive(state: RaftState, from: MemberId, message: Message): Outcome {
  try {
    const decision = decide(state, { kind: 'received', from, message, ...arrival });
    return { decision, text: describe(state, decision) };
  } catch (error) {
    if (!isFlotillaError(error, 'invariant_violated')) throw error;
    return { decision: null, text: `stops: ${error.message}` };
  }
}

/** The new state where it differs, then what is sent, owed, and asked for. */
function describe(before: RaftState, { state, effects }: Decision): string {
  const parts: string[] = [];
  if (describeState(state) !== describeState(before)) parts.push(describeState(state));
  parts.push(...effects.flatMap(describeEffect));
  return parts.length === 0 ? 'nothing' : parts.join(' | ');
}

function describeEffect(effect: Effect): string[] {
  switch (effect.kind) {
    case 'send':
      return [`sends ${effect.to} ${formatMessage(effect.message)}`];
    case 'persist':
      return ['writes', ...effect.promises.map(({ to, message }) => `owes ${to} ${formatMessage(message)}`)];
    case 'replicate':
      return [`replicates ${effect.prevIndex + 1}-${effect.lastIndex} to ${effect.to}`];
    default:
      return [effect.kind];
  }
}
