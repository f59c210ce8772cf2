import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { isMachineError } from '../machine-error.ts';
import { decodeCommand, decodeEvents, decodeSnapshot, decodeValue, encodeCommand, encodeEvents, encodeValue } from './codec.ts';
import { copyValue } from './copy-value.ts';
import { depthMax } from './format.ts';
import { isWellFormed } from './utf8.ts';

const text = fc.string({ unit: 'binary' }).filter(isWellFormed);
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.MIN_SAFE_INTEGER, 2 ** 53, -(2 ** 31) - 1),
  fc.uint8Array(),
  fc.date({ noInvalidDate: true }),
);
const key = text.filter((name) => name !== '__proto__');
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value')),
    fc.dictionary(key, tie('value')),
    fc.uniqueArray(leaf).map((items) => new Set(items)),
    fc
      .uniqueArray(fc.tuple(leaf, tie('value')), { selector: ([name]) => name, comparator: 'SameValueZero' })
      .map((items) => new Map(items)),
  ),
})).value;

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'no error';
  } catch (error) {
    return isMachineError(error) ? error.code : `not a MachineError: ${String(error)}`;
  }
}

const decoders = [decodeValue, decodeCommand, decodeEvents, decodeSnapshot];

describe('the codec carries', () => {
  it('every value there and back, and a copy equals what comes back', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encodeValue(value);
        const back = decodeValue(bytes);
        expect(encodeValue(back)).toEqual(bytes);
        expect(back).toStrictEqual(copyValue(value));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a byte order mark at the start of a long string', `\uFEFF${'a'.repeat(100)}`],
    ['a long string of many scripts', 'aé€😀'.repeat(5000)],
    ['strings at the edges of the header sizes', [31, 32, 255, 256, 65_535, 65_536].map((length) => 'x'.repeat(length))],
    [
      'a Map with keys of every kind',
      new Map<unknown, unknown>([
        [1, 'n'],
        ['1', 's'],
        [1n, 'b'],
        [null, new Map()],
      ]),
    ],
    ['dates before 1970 and far ahead', [new Date(-1), new Date(-8.64e15), new Date(8.64e15), new Date(1234)]],
    ['undefined apart from null', { a: undefined, b: null, c: [undefined, null] }],
    ['an own property called constructor', { constructor: 1, toString: 2 }],
  ])('%s', (_what, value) => {
    expect(decodeValue(encodeValue(value))).toStrictEqual(value);
  });

  it('a mebibyte of bytes', () => {
    const bytes = new Uint8Array(1 << 20).fill(7);
    expect(Buffer.compare(decodeValue(encodeValue(bytes)) as Uint8Array, bytes)).toBe(0);
  });

  it('numbers apart from bigints, and negative zero', () => {
    expect(decodeValue(encodeValue([1, 1n, -0, Number.NaN, Number.POSITIVE_INFINITY]))).toStrictEqual([
      1,
      1n,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('commands and events', () => {
    const command = { type: 'put', input: { key: 'a', value: Uint8Array.of(0, 255) } };
    expect(decodeCommand(encodeCommand(command))).toStrictEqual(command);
    const events = [
      { type: 'put', data: { at: 1 } },
      { type: 'gone', data: undefined },
    ];
    expect(decodeEvents(encodeEvents({ version: 3, events }))).toStrictEqual({ version: 3, events });
    expect(decodeEvents(encodeEvents({ version: 1, events: [] }))).toEqual({ version: 1, events: [] });
  });

  it('bytes as a copy, on the way in and on the way out', () => {
    const source = encodeValue(Uint8Array.of(1, 2, 3));
    const decoded = decodeValue(source);
    source.fill(0);
    expect(decoded).toEqual(Uint8Array.of(1, 2, 3));
    expect((decoded as Uint8Array).buffer.byteLength).toBe(3);
  });
});

describe('the codec is MessagePack', () => {
  const other = new Packr({ useRecords: false, int64AsType: 'number' });
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const standard = fc.oneof(
    json,
    fc.uint8Array(),
    fc.dictionary(fc.string(), fc.uint8Array()),
    fc.date({ noInvalidDate: true, min: new Date(0) }),
  );
  const usable = standard.filter((value) => !JSON.stringify(value).includes('__proto__'));

  it('that another implementation reads', () => {
    fc.assert(
      fc.property(usable, (value) => {
        expect(encodeValue(other.unpack(encodeValue(value)))).toEqual(encodeValue(value));
      }),
    );
  });

  it('and reads what another implementation writes', () => {
    fc.assert(
      fc.property(usable, (value) => {
        expect(encodeValue(decodeValue(other.pack(value)))).toEqual(encodeValue(value));
      }),
    );
  });
});

describe('the codec refuses', () => {
  it('random bytes with a MachineError and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of decoders) expect(codeOf(() => decode(bytes))).toMatch(/^(malformed_payload|no error)$/);
      }),
      { numRuns: 5000 },
    );
  });

  it('damaged messages with a MachineError and nothing else', () => {
    const damage = fc.tuple(anyValue, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat());
    fc.assert(
      fc.property(damage, ([value, position, byte, cut]) => {
        const bytes = encodeValue(value);
        bytes[position % bytes.length] = byte;
        for (const decode of decoders) {
          expect(codeOf(() => decode(bytes))).toMatch(/^(malformed_payload|no error)$/);
          expect(codeOf(() => decode(bytes.subarray(0, cut % bytes.length)))).toMatch(/^(malformed_payload|no error)$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a message in whose first place stands an object that cannot be made a text', () => {
    const bytes = encodeValue([{ toString: null }]);
    for (const decode of [decodeCommand, decodeEvents, decodeSnapshot]) expect(codeOf(() => decode(bytes))).toBe('malformed_payload');
  });

  const bytesOf = (...bytes: readonly number[]) => Uint8Array.from(bytes);
  it.each([
    ['nothing at all', bytesOf()],
    ['a key __proto__', bytesOf(0x81, 0xa9, ...[...'__proto__'].map((letter) => letter.charCodeAt(0)), 0x80)],
    ['a key twice', bytesOf(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2)],
    ['a key that is no string', bytesOf(0x81, 1, 2)],
    ['bytes after the end', bytesOf(1, 2)],
    ['a record definition of msgpackr', bytesOf(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 5)],
    ['an array that claims four billion elements', bytesOf(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['a map that claims four billion entries', bytesOf(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['bytes that claim four gigabytes', bytesOf(0xc6, 0xff, 0xff, 0xff, 0xff)],
    ['arrays nested a hundred thousand deep', new Uint8Array(100_000).fill(0x91)],
    ['extensions nested beyond their parent', bytesOf(0xc9, 0, 0, 0, 2, 2, 0xdd, 0)],
    ['an overlong encoding', bytesOf(0xa2, 0xc0, 0x80)],
    ['half of a surrogate pair', bytesOf(0xa3, 0xed, 0xa0, 0x80)],
    ['a code point beyond Unicode', bytesOf(0xa4, 0xf5, 0x80, 0x80, 0x80)],
    ['a bigint without digits', bytesOf(0xc7, 1, 3, 0)],
    ['a time that no date can hold', bytesOf(0xc7, 12, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['a nanosecond too many', bytesOf(0xd7, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)],
  ])('%s', (_what, bytes) => {
    expect(codeOf(() => decodeValue(bytes))).toBe('malformed_payload');
  });

  class Point {
    x = 1;
  }
  const endless: unknown[] = [];
  endless.push(endless);
  it.each<[string, unknown]>([
    ['functions', () => 1],
    ['symbols', Symbol('s')],
    ['class instances', new Point()],
    ['errors', new Error('e')],
    ['regular expressions', /x/],
    ['array buffers and other typed arrays', [new Float64Array(1)]],
    ['invalid dates', new Date(Number.NaN)],
    ['cycles', endless],
    ['half of a surrogate pair, short', '\ud800'],
    ['half of a surrogate pair, long', `${'x'.repeat(100)}\udc00`],
    ['half of a surrogate pair in a key', { '\ud800': 1 }],
    ['an own property __proto__', JSON.parse('{"__proto__":1}')],
    ['bigints beyond all measure', 1n << 600_000n],
  ])('%s, to write as well as to copy', (_what, value) => {
    expect(codeOf(() => encodeValue(value))).toBe('invalid_input');
    expect(codeOf(() => encodeEvents({ version: 1, events: [{ type: 'e', data: value }] }))).toBe('machine_defect');
    if (typeof value !== 'bigint') expect(codeOf(() => copyValue(value))).toBe('machine_defect');
  });

  it('nesting beyond the limit and takes it up to there', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(decodeValue(encodeValue(nested(depthMax)))).toEqual(nested(depthMax));
    expect(codeOf(() => encodeValue(nested(depthMax + 1)))).toBe('invalid_input');
  });

  it('messages of another format or kind', () => {
    expect(codeOf(() => decodeCommand(encodeValue([2, 'put', {}])))).toBe('malformed_payload');
    expect(codeOf(() => decodeCommand(encodeValue([1, 'put'])))).toBe('malformed_payload');
    expect(codeOf(() => decodeCommand(encodeValue({})))).toBe('malformed_payload');
    expect(codeOf(() => decodeEvents(encodeValue([1, 1, 'put'])))).toBe('malformed_payload');
    expect(codeOf(() => decodeSnapshot(encodeValue([1, 'kv', '1', {}])))).toBe('malformed_payload');
  });
});
