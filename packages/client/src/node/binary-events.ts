import type { Socket } from 'node:net';
import { errorFrom, isRecord } from '../answer.ts';
import type { EventPlace, EventsOptions } from '../channel.ts';
import type { ClientTime } from '../client-time.ts';
import { eventOf, understood, unexpectedStream } from '../event-content.ts';
import type { FollowedEvent } from '../followed-event.ts';
import { FrameReader } from './frame-reader.ts';
import { eventsFields, frameOf } from './request-frame.ts';

/** How often a connection without events is asked whether it lives, in milliseconds. */
const pingIntervalMs = 15_000;

const streamId = 1;

/** The events of one connection, which has nothing else to do. Ends where the member ends it, and throws where it breaks. */
export async function* binaryEvents(
  socket: Socket,
  time: ClientTime,
  place: EventPlace,
  { signal, onStart, onHeard }: EventsOptions,
): AsyncGenerator<FollowedEvent, void, void> {
  const reader = new FrameReader();
  const end = () => socket.destroy();
  let lastId = streamId;
  const ping = () => {
    socket.write(frameOf(++lastId, ['ping']));
    stopPinging = time.after(pingIntervalMs, ping, true);
  };
  let stopPinging = time.after(pingIntervalMs, ping, true);
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) return;
    socket.write(frameOf(streamId, eventsFields(place)));
    for await (const chunk of socket) {
      onHeard();
      for (const [id, kind, content] of framesOf(reader, chunk)) {
        // What comes besides is about a ping, or about the end, which will come.
        if (id !== streamId) continue;
        if (kind === 'end') return;
        if (kind === 'error' && isRecord(content)) throw errorFrom(Number(content.status), content);
        if (kind === 'events' && typeof content === 'number') onStart(content);
        else if (kind === 'event') yield eventOf(content);
        else throw unexpectedStream();
      }
    }
  } finally {
    stopPinging();
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}

/** One at a time, so that an event is told before what comes after it is looked at. */
function* framesOf(reader: FrameReader, chunk: Uint8Array): Generator<readonly unknown[], void, void> {
  const frames = reader.read(chunk);
  for (;;) {
    const next = understood(() => frames.next()) as IteratorResult<readonly unknown[], void>;
    if (next.done === true) return;
    yield next.value;
  }
}
