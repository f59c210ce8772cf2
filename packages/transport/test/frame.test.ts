import type { Entry, Membership, Message } from '@flotilla/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, encodeFrames, frameSize, framesSize, isTransportError } from '../src/index.ts';
import { sampleMessages } from '../src/testing/sample-messages.ts';
import { messageCodecs } from '../src/wire/message-codecs.ts';
import { arbitraryMessage } from './arbitrary-messages.ts';

/** Whether decoding succeeds; anything thrown but a protocol error fails the test. */
function decodes(bytes: Uint8Array): boolean {
  try {
    decodeFrame(bytes);
    return true;
  } catch (error) {
    if (!isTransportError(error, 'protocol_error')) throw error;
    return false;
  }
}

function refuses(bytes: Uint8Array, reason: RegExp): void {
  expect(() => decodeFrame(bytes)).toThrow(reason);
  expect(decodes(bytes)).toBe(false);
}

/** A whole frame around the given bytes behind the length field. */
function frameOf(...content: number[]): Uint8Array {
  return Uint8Array.of(content.length, 0, 0, 0, ...content);
}

const heartbeat: Message = { kind: 'heartbeat', term: 3, commit: 2 ** 32 + 5, round: 1, quiesce: true };

describe('frame', () => {
  test('has this layout, which changes only with the version of the protocol', () => {
    expect([...encodeFrame({ group: 0x01020304, message: heartbeat })]).toEqual([
      ...[30, 0, 0, 0],
      ...[4, 3, 2, 1],
      6,
      ...[3, 0, 0, 0, 0, 0, 0, 0],
      ...[5, 0, 0, 0, 1, 0, 0, 0],
      ...[1, 0, 0, 0, 0, 0, 0, 0],
      1,
    ]);
  });

  test('gives every kind a code of its own', () => {
    const codes = Object.values(messageCodecs).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  test('a batch is its frames one behind the other', () => {
    const batch = encodeFrames(sampleMessages);
    expect(new Uint8Array(batch)).toEqual(new Uint8Array(Buffer.concat(sampleMessages.map(encodeFrame))));
    expect(batch.length).toBe(framesSize(sampleMessages));
    expect(encodeFrames([]).length).toBe(0);
  });

  test('any message survives the round trip, in exactly the bytes that were measured', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        const frame = encodeFrame(message);
        expect(frame.length).toBe(frameSize(message));
        expect(decodeFrame(frame)).toEqual(message);
      }),
      { numRuns: 2_000 },
    );
  });

  test('arbitrary bytes are a message or a protocol error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        decodes(bytes);
        decodes(frameOf(...bytes));
        for (const { code } of Object.values(messageCodecs)) decodes(frameOf(1, 0, 0, 0, code, ...bytes));
      }),
      { numRuns: 1_000 },
    );
  });

  test('a damaged frame is another message or a protocol error', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(arbitraryMessage, damage, (message, changes) => {
        const frame = new Uint8Array(encodeFrame(message));
        for (const [at, value] of changes) frame[at % frame.length] = value;
        decodes(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a frame that is cut short or has a tail is a protocol error', () => {
    fc.assert(
      fc.property(arbitraryMessage, fc.nat(), (message, cut) => {
        const frame = encodeFrame(message);
        const content = frame.subarray(4);
        expect(decodes(frame.subarray(0, cut % frame.length))).toBe(false);
        expect(decodes(frameOf(...content.subarray(0, cut % content.length)))).toBe(false);
        expect(decodes(withLength(Buffer.concat([frame, Uint8Array.of(0)])))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('payloads are plain views of the frame', () => {
    const payload = Uint8Array.of(1, 2, 3);
    const frame = encodeFrame({ group: 1, message: { kind: 'propose', id: 1, payloads: [payload] } });
    const { message } = decodeFrame(frame);
    const decoded = message.kind === 'propose' ? message.payloads[0] : undefined;
    expect(decoded?.buffer).toBe(frame.buffer);
    expect(decoded?.constructor).toBe(Uint8Array);
  });

  test('an impossible count is refused before anything is made for it', () => {
    refuses(frameOf(1, 0, 0, 0, messageCodecs.propose.code, ...new Array(8).fill(0), 255, 255, 255, 255), /4294967295 items/);
    refuses(frameOf(1, 0, 0, 0, messageCodecs.append.code, ...new Array(32).fill(0), 255, 255, 255, 255), /4294967295 items/);
  });

  test('refuses what is not strictly valid', () => {
    refuses(frameOf(0, 0, 0, 0, 8, ...new Array(8).fill(0)), /group 0/);
    refuses(frameOf(1, 0, 0, 0, 0), /message kind 0/);
    refuses(frameOf(1, 0, 0, 0, 200), /message kind 200/);
    refuses(frameOf(1, 0, 0, 0, messageCodecs['vote-reply'].code, ...new Array(8).fill(0), 2), /neither false/);
    refuses(frameOf(1, 0, 0, 0, messageCodecs['read-index'].code, 0, 0, 0, 0, 0, 0, 0x20, 0), /2\^53/);
    const noSuchKind = new Uint8Array(encodeFrame({ group: 1, message: oneEntry(1) }));
    noSuchKind[4 + 5 + 4 * 8 + 4 + 3 * 8] = 4;
    refuses(noSuchKind, /entry kind 4/);
  });

  test('refuses an append whose entries do not follow each other', () => {
    const entry = (index: number): Entry => ({ index, term: 1, time: 1, kind: 'command', payload: Uint8Array.of(1) });
    const append = (prevIndex: number, ...indices: number[]): Uint8Array =>
      encodeFrame({
        group: 1,
        message: { kind: 'append', term: 1, prevIndex, prevTerm: 1, commit: 0, entries: indices.map(entry) },
      });
    expect(decodes(append(4, 5, 6, 7))).toBe(true);
    refuses(append(4, 6), /entry 6 stands where entry 5 should/);
    refuses(append(4, 4), /entry 4 stands where entry 5 should/);
    refuses(append(4, 5, 7), /entry 7 stands where entry 6 should/);
    refuses(append(4, 5, 5), /entry 5 stands where entry 6 should/);
    refuses(append(Number.MAX_SAFE_INTEGER, 1), /entry 1 stands/);
  });

  test('refuses a proposal without a command', () => {
    refuses(encodeFrame({ group: 1, message: { kind: 'propose', id: 1, payloads: [] } }), /no command/);
  });

  test('refuses a snapshot whose membership is none, whatever JSON it is', () => {
    const founder = { id: 1, peerAddress: 'a:1', clientAddress: 'a:2', voter: true, witness: false, priority: 0 };
    const whole = { members: [founder], outgoing: null, pending: null, highestId: 1 };
    expect(decodes(chunkOf(whole))).toBe(true);
    for (const wrong of [
      { ...whole, members: [null] },
      { ...whole, members: [{ ...founder, id: 0 }] },
      { ...whole, members: [{ ...founder, id: '1' }] },
      { ...whole, members: [{ ...founder, voter: 1 }] },
      { ...whole, members: [{ ...founder, peerAddress: undefined }] },
      { ...whole, outgoing: {} },
      { ...whole, outgoing: undefined },
      { ...whole, pending: { promote: [1] } },
      { ...whole, pending: { promote: [1.5], remove: [] } },
      { ...whole, highestId: -1 },
      { ...whole, highestId: 2 ** 32 },
    ]) {
      refuses(chunkOf(wrong), /membership has fields/);
    }
    for (const noMembership of [null, [], 'text', 7, {}]) refuses(chunkOf(noMembership), /membership cannot be read/);
  });

  test('refuses an identifier that is too long, empty or not printable', () => {
    const { code } = messageCodecs['snapshot-reply'];
    const reply = (...id: number[]) =>
      frameOf(1, 0, 0, 0, code, ...new Array(8).fill(0), id.length, 0, 0, 0, ...id, ...new Array(8).fill(0));
    expect(decodes(reply(...new Array(64).fill(97)))).toBe(true);
    refuses(reply(...new Array(65).fill(97)), /65 characters/);
    refuses(reply(), /0 characters/);
    for (const character of [0, 32, 127, 200]) refuses(reply(97, character), /printable/);
    for (const snapshotId of ['', 'ä', 'a b', 'a'.repeat(65)]) {
      const message = { kind: 'snapshot-reply', term: 1, snapshotId, offset: 0 } as const;
      expect(() => encodeFrame({ group: 1, message })).toThrow(/identifier of 64/);
    }
  });

  test('refuses a refusal for no known reason', () => {
    for (const kind of ['read-index-reply', 'propose-reply'] as const) {
      const { code } = messageCodecs[kind];
      expect(decodeFrame(frameOf(1, 0, 0, 0, code, ...new Array(8).fill(0), 0, 3)).message).toEqual({
        kind,
        id: 0,
        answer: { reason: 'overloaded' },
      });
      for (const reason of [0, 5, 255]) refuses(frameOf(1, 0, 0, 0, code, ...new Array(8).fill(0), 0, reason), /no reason/);
    }
  });

  test('does not encode numbers that would arrive as others', () => {
    for (const time of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => encodeFrame({ group: 1, message: oneEntry(time) })).toThrow(/safe non-negative integer/);
    }
    for (const group of [0, -1, 1.5, 2 ** 32]) expect(() => encodeFrame({ group, message: heartbeat })).toThrow(/group 0|four bytes/);
  });
});

function oneEntry(time: number): Message {
  const entry = { index: 1, term: 1, time, kind: 'command' as const, payload: Uint8Array.of(1) };
  return { kind: 'append', term: 1, prevIndex: 0, prevTerm: 0, commit: 0, entries: [entry] };
}

/** A chunk of a snapshot whose membership is this value as JSON. */
function chunkOf(membership: unknown): Uint8Array {
  const snapshot = {
    id: 'a',
    index: 1,
    term: 1,
    time: 1,
    size: 0,
    membership: membership as Membership,
    machine: { name: 'm', version: 1 },
  };
  return encodeFrame({
    group: 1,
    message: { kind: 'snapshot-chunk', term: 1, snapshot, offset: 0, bytes: new Uint8Array(0), checksum: 0 },
  });
}

function withLength(frame: Buffer): Uint8Array {
  frame.writeUInt32LE(frame.length - 4, 0);
  return frame;
}
