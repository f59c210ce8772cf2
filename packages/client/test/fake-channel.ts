import { type Answer, type AttemptOptions, type Channel, type ChannelRequest, ClientError } from '@flotilla/client';
import type { VirtualTime } from './virtual-time.ts';

/** Answers, fails with an error, or never says a word. */
export type Behaviour = (request: ChannelRequest, options: AttemptOptions) => Answer | Error | 'silence';

/** A channel to members that do as they are told; who is not among them cannot be reached. An answer takes 1 ms. */
export class FakeChannel implements Channel {
  readonly members: Record<string, Behaviour> = {};
  /** When was asked what of whom, as in `25 command a`. */
  readonly asked: string[] = [];
  readonly #time: VirtualTime;

  constructor(time: VirtualTime, members: Record<string, Behaviour>) {
    this.#time = time;
    Object.assign(this.members, members);
  }

  call(endpoint: string, request: ChannelRequest, options: AttemptOptions): Promise<Answer> {
    const name = endpoint.replace('http://', '');
    this.asked.push(`${Math.round(this.#time.now())} ${request.kind} ${name}`);
    const answer = this.members[name]?.(request, options) ?? unreachable;
    return new Promise((resolve, reject) => {
      if (answer === 'silence') return;
      this.#time.after(1, () => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  }
}

const unreachable = new ClientError('unreachable', 'not-applied', 'nobody is there', 'Start somebody.');

export const noLeader = new ClientError('no_leader', 'not-applied', 'there is no leader', 'Wait.', { status: 503 });

export const noRoom = new ClientError('storage_full', 'not-applied', 'the disk is full', 'Make room.', { status: 507 });

export function notLeader(leader: string | null): ClientError {
  const known = leader === null ? null : { id: 1, clientAddress: leader };
  return new ClientError('not_leader', 'not-applied', 'somebody else leads', 'Ask it.', { status: 421, leader: known });
}

export function membersAt(...addresses: readonly string[]): Answer {
  return { members: addresses.map((clientAddress, i) => ({ id: i + 1, clientAddress, role: 'voter', leaving: false })) };
}
