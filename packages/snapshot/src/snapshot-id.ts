/** The name of a snapshot with these bytes: 16 hexadecimal digits that change with any bit (two lanes of murmur3's mixing). */
export function snapshotId(bytes: Uint8Array): string {
  let a = 0xdeadbeef ^ bytes.length;
  let b = 0x41c6ce57 ^ bytes.length;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return hex(b) + hex(a);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
