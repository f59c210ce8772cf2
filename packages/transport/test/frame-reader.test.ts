import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrames, FrameReader, isTransportError } from '../src/index.ts';
import { digest, numberedBytes } from '../src/testing/sample-messages.ts';
import { arbitraryMessage } from './arbitrary-messages.ts';

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (let i = 0; offset < bytes.length; i++) {
    const length = lengths[i % lengths.length] as number;
    chunks.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  return chunks;
}

describe('FrameReader', () => {
  test('yields the same frames for any chunking', () => {
    const chunkLengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 600 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(arbitraryMessage, { maxLength: 12 }), chunkLengths, (messages, lengths) => {
        const reader = new FrameReader(1_000_000);
        const frames = cut(encodeFrames(messages), lengths).flatMap((chunk) => reader.read(chunk));
        expect(frames.map(decodeFrame)).toEqual(messages);
        expect(reader.pendingBytes).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes empty chunks and frames without content', () => {
    const reader = new FrameReader(100);
    expect(reader.read(new Uint8Array(0))).toEqual([]);
    expect(reader.read(Uint8Array.of(0, 0))).toEqual([]);
    expect(reader.read(new Uint8Array(0))).toEqual([]);
    expect(reader.read(Uint8Array.of(0, 0, 1, 0, 0, 0, 7))).toEqual([Uint8Array.of(0, 0, 0, 0), Uint8Array.of(1, 0, 0, 0, 7)]);
  });

  test('a frame within one chunk is a view of it, one across chunks has a buffer of exactly its length', () => {
    const bytes = new Uint8Array(encodeFrames([numberedBytes(1, 100), numberedBytes(2, 1_000)]));
    const reader = new FrameReader(10_000);
    const first = bytes.subarray(0, 300);
    expect(reader.read(first)[0]?.buffer).toBe(first.buffer);
    const [second] = reader.read(bytes.subarray(300));
    expect(second?.buffer.byteLength).toBe(second?.length);
  });

  test('frames that span chunks are not overwritten by later ones', () => {
    const messages = Array.from({ length: 20 }, (_, id) => numberedBytes(id, 90_000));
    const reader = new FrameReader(100_000);
    const frames = cut(encodeFrames(messages), [65_536]).flatMap((chunk) => reader.read(chunk));
    expect(digest(frames.map(decodeFrame))).toBe(digest(messages));
  });

  test('a length alone takes no memory', () => {
    const reader = new FrameReader(0x7fff_ffff);
    const before = process.memoryUsage().arrayBuffers;
    const frameLater = Uint8Array.of(0, 0, 0, 0x40, 1, 2, 3);
    expect(reader.read(frameLater)).toEqual([]);
    expect(reader.pendingBytes).toBe(frameLater.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test('copies a large frame a constant number of times, however small the chunks', () => {
    const length = 8 * 1024 * 1024;
    const bytes = encodeFrames([numberedBytes(1, length)]);
    const reader = new FrameReader(2 * length);
    const start = performance.now();
    const frames = cut(bytes, [64]).flatMap((chunk) => reader.read(chunk));
    expect(frames).toHaveLength(1);
    // 131,072 chunks: copying all that is there for each of them would be 512 GiB.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test.each([[[4]], [[1]], [[3]]])('refuses a frame that exceeds the limit, for good (chunks of %j)', (lengths) => {
    const allowed = encodeFrames([numberedBytes(1, 10)]);
    const reader = new FrameReader(allowed.length);
    expect(reader.read(allowed)).toHaveLength(1);
    const header = Uint8Array.of(allowed.length - 3, 0, 0, 0);
    const failure = thrownBy(() => cut(header, lengths).map((chunk) => reader.read(chunk)));
    expect(isTransportError(failure, 'frame_too_large')).toBe(true);
    expect(thrownBy(() => reader.read(allowed))).toBe(failure);
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
