import type { SnapshotChunk, SnapshotReply } from '@flotilla/core';
import { type CodecsOf, fieldBytes } from './message-codec.ts';
import {
  readSnapshotId,
  readSnapshotInfo,
  snapshotIdSize,
  snapshotInfoSize,
  writeSnapshotId,
  writeSnapshotInfo,
} from './snapshot-info-codec.ts';

const { u32, integer } = fieldBytes;

/** How a snapshot travels to a follower, part by part. */
export const snapshotCodecs: CodecsOf<SnapshotChunk | SnapshotReply> = {
  'snapshot-chunk': {
    code: 15,
    size: ({ snapshot, bytes }) => 2 * integer + snapshotInfoSize(snapshot) + 2 * u32 + bytes.length,
    write(writer, { term, snapshot, offset, bytes, checksum }) {
      writer.integer(term);
      writeSnapshotInfo(writer, snapshot);
      writer.integer(offset);
      writer.sizedBytes(bytes);
      writer.u32(checksum);
    },
    read: (reader) => ({
      kind: 'snapshot-chunk',
      term: reader.integer(),
      snapshot: readSnapshotInfo(reader),
      offset: reader.integer(),
      bytes: reader.sizedBytes(),
      checksum: reader.u32(),
    }),
  },
  'snapshot-reply': {
    code: 16,
    size: ({ snapshotId }) => 2 * integer + snapshotIdSize(snapshotId),
    write(writer, { term, snapshotId, offset }) {
      writer.integer(term);
      writeSnapshotId(writer, snapshotId);
      writer.integer(offset);
    },
    read: (reader) => ({
      kind: 'snapshot-reply',
      term: reader.integer(),
      snapshotId: readSnapshotId(reader),
      offset: reader.integer(),
    }),
  },
};
