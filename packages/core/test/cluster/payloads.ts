import type { Entry } from '../../src/index.ts';

/** As many entries as have `bytesMax` bytes of payload in total, at least one. */
export function upToBytes(entries: readonly Entry[], bytesMax: number): readonly Entry[] {
  let bytes = 0;
  const end = entries.findIndex(({ payload }, i) => {
    bytes += payload.length;
    return i > 0 && bytes > bytesMax;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

export function payloadBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, { payload }) => sum + payload.length, 0);
}

/** What a witness gets of an entry. */
export function withoutPayload(entry: Entry): Entry {
  return entry.kind === 'command' ? { ...entry, payload: new Uint8Array(0) } : entry;
}
