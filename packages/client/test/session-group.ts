import { type Answer, type ChannelRequest, ClientError } from '@flotilla/client';
import { decodeValue, type SessionStamp } from '@flotilla/state-machine';

/** A group that adds numbers, once for each command of a session: as members of one do, with nothing lost between them. */
export class SessionGroup {
  total = 0;
  kept = 0;
  /** The stamps that commands came with, in order. */
  readonly stamps: SessionStamp[] = [];
  /** The furthest that a command was ahead of what its client acknowledged, itself included. */
  windowMax = 0;
  #opened = 0;
  readonly #replies = new Map<number, Map<number, Answer>>();

  get sessions(): number {
    return this.#replies.size;
  }

  expireAll(): void {
    this.#replies.clear();
  }

  readonly serve = (request: ChannelRequest): Answer | Error => {
    switch (request.kind) {
      case 'open-session':
        this.#replies.set(++this.#opened, new Map());
        return { session: this.#opened, ttlMs: request.ttlMs };
      case 'keep-session':
        this.kept++;
        return this.#replies.has(request.session) ? {} : expired;
      case 'close-session':
        this.#replies.delete(request.session);
        return {};
      case 'command':
        return this.#command(decodeValue(request.input) as number, request.stamp);
      default:
        return { index: 1, result: this.total };
    }
  };

  #command(by: number, stamp: SessionStamp | null): Answer | Error {
    if (stamp === null) throw new Error('the command has no stamp');
    this.stamps.push(stamp);
    this.windowMax = Math.max(this.windowMax, stamp.sequence - stamp.acknowledged + 1);
    const replies = this.#replies.get(stamp.session);
    if (replies === undefined) return expired;
    const known = replies.get(stamp.sequence);
    if (known !== undefined) return known;
    this.total += by;
    const answer = { index: this.stamps.length, term: 1, reply: this.total };
    replies.set(stamp.sequence, answer);
    return answer;
  }
}

const expired = new ClientError('session_expired', 'not-applied', 'there is no such session', 'Open one.', { status: 410 });
