import type { ClientMessage } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import { answerSize, readAnswer, writeRefusal } from './answer-codec.ts';
import { type CodecsOf, fieldBytes } from './message-codec.ts';
import type { WireReader } from './wire-reader.ts';

const { u32, integer } = fieldBytes;

/** What members ask each other on behalf of clients. */
export const clientCodecs: CodecsOf<ClientMessage> = {
  'read-index': {
    code: 8,
    size: () => integer,
    write: (writer, { id }) => writer.integer(id),
    read: (reader) => ({ kind: 'read-index', id: reader.integer() }),
  },
  'read-index-reply': {
    code: 9,
    size: ({ answer }) => integer + answerSize('index' in answer ? integer : null),
    write(writer, { id, answer }) {
      writer.integer(id);
      if (!('index' in answer)) return writeRefusal(writer, answer);
      writer.boolean(true);
      writer.integer(answer.index);
    },
    read: (reader) => ({
      kind: 'read-index-reply',
      id: reader.integer(),
      answer: readAnswer(reader, () => ({ index: reader.integer() })),
    }),
  },
  propose: {
    code: 10,
    size({ payloads }) {
      let size = integer + u32;
      for (const payload of payloads) size += u32 + payload.length;
      return size;
    },
    write(writer, { id, payloads }) {
      writer.integer(id);
      writer.u32(payloads.length);
      for (const payload of payloads) writer.sizedBytes(payload);
    },
    read: (reader) => ({ kind: 'propose', id: reader.integer(), payloads: readPayloads(reader) }),
  },
  'propose-reply': {
    code: 11,
    size: ({ answer }) => integer + answerSize('position' in answer ? 2 * integer : null),
    write(writer, { id, answer }) {
      writer.integer(id);
      if (!('position' in answer)) return writeRefusal(writer, answer);
      writer.boolean(true);
      writer.integer(answer.position.firstIndex);
      writer.integer(answer.position.term);
    },
    read: (reader) => ({
      kind: 'propose-reply',
      id: reader.integer(),
      answer: readAnswer(reader, () => ({ position: { firstIndex: reader.integer(), term: reader.integer() } })),
    }),
  },
};

function readPayloads(reader: WireReader): Uint8Array[] {
  const count = reader.count(u32);
  if (count === 0) throw protocolError('a proposal has no command');
  const payloads: Uint8Array[] = [];
  for (let i = 0; i < count; i++) payloads.push(reader.sizedBytes());
  return payloads;
}
