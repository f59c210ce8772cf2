// Few enough for an argument list on every engine, and more than a key has.
const chunkLength = 4096;

/**
 * The same key as a string with one character for each byte: strings are what a `Map` finds fast, and they have the order of the
 * bytes.
 */
export function binaryKey(key: Uint8Array): string {
  if (key.length <= chunkLength) return String.fromCharCode.apply(null, key as unknown as number[]);
  return binaryKey(key.subarray(0, chunkLength)) + binaryKey(key.subarray(chunkLength));
}

/** The bytes of a {@link binaryKey}. */
export function bytesOfKey(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let at = 0; at < key.length; at++) bytes[at] = key.charCodeAt(at);
  return bytes;
}
