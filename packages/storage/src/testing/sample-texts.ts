import type { KeyValue } from '@flotilla/state-machine';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function text(of: string): Uint8Array {
  return encoder.encode(of);
}

/** Pairs of texts, each as `key=value`. */
export function textsOf(pairs: Iterable<KeyValue>): readonly string[] {
  return Array.from(pairs, ([key, value]) => `${decoder.decode(key)}=${decoder.decode(value)}`);
}
