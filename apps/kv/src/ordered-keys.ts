/**
 * Keys in order, in chunks: a list of sorted lists.
 *
 * One sorted array would move half of its elements for every new key, which at a million keys costs a millisecond each; a
 * tree would have to be written out and rebuilt for a snapshot. Chunks of bounded length are plain arrays, move little, and
 * are found by binary search. The order is that of JavaScript strings (UTF-16 code units), equal on every platform.
 */
export type OrderedKeys = string[][];

/** A chunk that grows beyond this is split in two. */
const chunkLengthMax = 512;

/** Adds a key; does nothing if it is there. */
export function insertKey(keys: OrderedKeys, key: string): void {
  const at = chunkFor(keys, key);
  const chunk = keys[at];
  if (chunk === undefined) {
    keys.push([key]);
    return;
  }
  const position = lowerBound(chunk, key);
  if (chunk[position] === key) return;
  chunk.splice(position, 0, key);
  if (chunk.length > chunkLengthMax) keys.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
}

/** Removes a key; does nothing if it is not there. */
export function removeKey(keys: OrderedKeys, key: string): void {
  const at = chunkFor(keys, key);
  const chunk = keys[at];
  if (chunk === undefined) return;
  const position = lowerBound(chunk, key);
  if (chunk[position] !== key) return;
  chunk.splice(position, 1);
  if (chunk.length === 0) keys.splice(at, 1);
}

/** Every key from `start` on, in order. */
export function* keysFrom(keys: OrderedKeys, start: string): Generator<string, void, void> {
  for (let at = chunkFor(keys, start); at < keys.length; at++) {
    const chunk = keys[at] ?? [];
    for (let position = lowerBound(chunk, start); position < chunk.length; position++) yield chunk[position] ?? '';
  }
}

/** The last chunk that begins at or before `key`, or the first. */
function chunkFor(keys: OrderedKeys, key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle]?.[0] ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
}

/** The position of the first key that is not before `key`. */
function lowerBound(chunk: readonly string[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
