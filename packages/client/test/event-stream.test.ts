import { connect, type EventStream, type FollowedEvent } from '@flotilla/client';
import { encodeValue } from '@flotilla/state-machine';
// biome-ignore lint/style/noRestrictedImports: the client does without RxJS, and its streams are for those who do not
import { firstValueFrom, from, map, take, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { sum } from './sum-machine.ts';

const added = (index: number): FollowedEvent => ({ index, ordinal: 0, term: 1, time: 0, type: 'added', data: { n: index } });
const message = (index: number) => `data: ${Buffer.from(encodeValue(added(index))).toString('base64')}\n\n`;

/** A member that has the events of the entries from `first` on, three of them, and is then silent. */
function client() {
  const opened: { readonly url: string; readonly signal: AbortSignal }[] = [];
  const fetch = (async (url: string, { signal }: { signal: AbortSignal }) => {
    opened.push({ url, signal });
    const first = Number(new URL(url).searchParams.get('from') ?? 1);
    if (first > 900) return Response.json({ error: { code: 'journal_compacted', message: 'm', hint: 'h' } }, { status: 410 });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode([0, 1, 2].map((n) => message(first + n)).join('')));
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }) as typeof globalThis.fetch;
  return { opened, c: connect(sum, ['a'], { fetch, membersIntervalMs: 0 }) };
}

/** What an observer was told. */
function told(events: EventStream<{ readonly index: number }>) {
  const heard: unknown[] = [];
  const subscription = events.subscribe({
    next: ({ index }) => heard.push(index),
    error: (error) => heard.push((error as { code: string }).code),
    complete: () => heard.push('complete'),
  });
  return { heard, subscription };
}

describe('a stream of events', () => {
  it('is iterated over, and begins anew each time', async () => {
    const { c, opened } = client();
    const events = c.$events({ from: 5 });
    expect(opened).toEqual([]);
    for (let time = 0; time < 2; time++) {
      const seen: number[] = [];
      for await (const { index, type, data } of events) {
        const n: number = data.n;
        expect([type, n]).toEqual(['added', index]);
        seen.push(index);
        if (seen.length === 2) break;
      }
      expect(seen).toEqual([5, 6]);
    }
    expect(opened.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });

  it('is observed, until nobody wants more', async () => {
    const { c, opened } = client();
    const { heard, subscription } = told(c.$events());
    await vi.waitFor(() => expect(heard).toEqual([1, 2, 3]));
    expect(subscription.closed).toBe(false);
    subscription.unsubscribe();
    expect(subscription.closed).toBe(true);
    await vi.waitFor(() => expect(opened[0]?.signal.aborted).toBe(true));
    expect(heard).toEqual([1, 2, 3]);
  });

  it('tells nothing more once an observer has unsubscribed within an event', async () => {
    const { c } = client();
    const heard: number[] = [];
    const subscription = c.$events().subscribe(({ index }) => {
      heard.push(index);
      if (index === 2) subscription.unsubscribe();
    });
    await vi.waitFor(() => expect(subscription.closed).toBe(true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([1, 2]);
  });

  it('is complete with its signal, and with its client', async () => {
    const { c } = client();
    const controller = new AbortController();
    const [one, other] = [told(c.$events({ signal: controller.signal })), told(c.$events())];
    controller.abort();
    await vi.waitFor(() => expect(one.heard.at(-1)).toBe('complete'));
    await vi.waitFor(() => expect(other.heard).toEqual([1, 2, 3]));
    c.$close();
    await vi.waitFor(() => expect(other.heard).toEqual([1, 2, 3, 'complete']));
    expect(other.subscription.closed).toBe(true);
  });

  it('tells its observer when it fails', async () => {
    const { heard, subscription } = told(client().c.$events({ from: 901 }));
    await vi.waitFor(() => expect(heard).toEqual(['journal_compacted']));
    expect(subscription.closed).toBe(true);
  });

  it('is an Observable to RxJS', async () => {
    const { c, opened } = client();
    const numbers = from(c.$events({ from: 7 })).pipe(
      take(2),
      map(({ data }): number => data.n),
      toArray(),
    );
    expect(await firstValueFrom(numbers)).toEqual([7, 8]);
    await vi.waitFor(() => expect(opened[0]?.signal.aborted).toBe(true));
    await expect(firstValueFrom(from(c.$events({ from: 901 })))).rejects.toMatchObject({ code: 'journal_compacted' });
  });
});
