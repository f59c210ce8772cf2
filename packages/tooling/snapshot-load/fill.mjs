import { setTimeout as delay } from 'node:timers/promises';
import { put } from '../member-processes/kv-calls.mjs';

/** From 1 to 64 KiB, so that pages of LMDB are shared by some and others need many. */
const sizes = [1, 2, 4, 8, 16, 32, 64].map((kib) => kib * 1024);
const underWay = 48;
/** Members of a busy machine may have to elect a leader meanwhile. */
const attemptsMax = 100;
const pauseMs = 200;

/** Puts values of many sizes until there are so many bytes of them. Resolves with how many there are. */
export async function fill(port, bytes) {
  // Bytes that repeat only after a prime number of them, so that no two values are equal.
  const source = Buffer.from(Uint32Array.from({ length: 50_021 }, (_, i) => Math.imul(i + 1, 2_654_435_761)).buffer);
  let keys = 0;
  let begun = 0;
  const putEach = async () => {
    while (begun < bytes) {
      const key = keys++;
      const size = sizes[key % sizes.length];
      begun += size;
      const from = (key * 37) % (source.length - size);
      await putSurely(port, `fill/${String(key).padStart(8, '0')}`, source.subarray(from, from + size));
    }
  };
  await Promise.all(Array.from({ length: underWay }, putEach));
  return keys;
}

async function putSurely(port, key, value) {
  let status = 0;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    status = await put(port, key, value);
    if (status === 200) return;
    await delay(pauseMs);
  }
  throw new Error(`${key} could not be written in ${attemptsMax} attempts: the last answer was ${status}`);
}
