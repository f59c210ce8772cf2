/** What a disk was told, as `disk-shim.c` recorded it. */
export type DiskRecord =
  | { readonly kind: 'write'; readonly inode: bigint; readonly offset: number; readonly bytes: Buffer; readonly call: bigint }
  | { readonly kind: 'truncate'; readonly inode: bigint; readonly size: number }
  | { readonly kind: 'sync'; readonly inode: bigint; readonly call: bigint }
  | { readonly kind: 'sync-directory'; readonly path: string; readonly call: bigint }
  /** Of a sync, or of a write that is durable by itself. */
  | { readonly kind: 'ended'; readonly call: bigint; readonly succeeded: boolean }
  | { readonly kind: 'create'; readonly inode: bigint; readonly path: string }
  | { readonly kind: 'create-directory'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'fault'; readonly path: string };

const headerBytes = 32;

/** Reads a trace from the beginning. A record that was not finished when the process died ends it. */
export function* readDiskTrace(trace: Buffer): Generator<DiskRecord, void, void> {
  for (let at = 0; at + headerBytes <= trace.length; ) {
    const end = at + headerBytes + trace.readUInt32LE(at + 4);
    if (end > trace.length) return;
    yield decode(trace.subarray(at, at + headerBytes), trace.subarray(at + headerBytes, end));
    at = end;
  }
}

function decode(header: Buffer, bytes: Buffer): DiskRecord {
  const letter = String.fromCharCode(header.readUInt8(0));
  const inode = header.readBigUInt64LE(8);
  const offset = Number(header.readBigUInt64LE(16));
  const call = header.readBigUInt64LE(24);
  const text = () => bytes.toString();
  switch (letter) {
    case 'W':
      return { kind: 'write', inode, offset, bytes, call };
    case 'T':
      return { kind: 'truncate', inode, size: offset };
    case 'S':
      return { kind: 'sync', inode, call };
    case 'D':
      return { kind: 'sync-directory', path: text(), call };
    case 'E':
      return { kind: 'ended', call, succeeded: header.readUInt8(1) === 1 };
    case 'C':
      return { kind: 'create', inode, path: text() };
    case 'M':
      return { kind: 'create-directory', path: text() };
    case 'R': {
      const [from = '', to = ''] = text().split('\0');
      return { kind: 'rename', from, to };
    }
    case 'U':
      return { kind: 'unlink', path: text() };
    case 'P':
      return { kind: 'print', text: text() };
    case 'F':
      return { kind: 'fault', path: text() };
    default:
      throw new Error(`the trace has a record of kind "${letter}", which disk-shim.c does not write`);
  }
}
