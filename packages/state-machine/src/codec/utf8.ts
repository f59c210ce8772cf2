// UTF-8 (RFC 3629) by hand: this package knows no platform, and engines differ in what they do with a byte order mark or
// with half a surrogate pair. Here nothing is ever dropped or replaced: text that cannot be carried is refused.

/** Whether `text` has no half of a surrogate pair, so that UTF-8 can carry it. */
export function isWellFormed(text: string): boolean {
  return utf8Length(text) >= 0;
}

/** The number of bytes of `text` in UTF-8, or -1 where it contains half of a surrogate pair. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
    } else {
      // Two more than the one that is counted already; a pair is two units and four bytes.
      bytes += 2;
      if (unit < 0xd800 || unit > 0xdfff) continue;
      if (unit > 0xdbff || (text.charCodeAt(++at) & 0xfc00) !== 0xdc00) return -1;
    }
  }
  return bytes;
}

/** Writes well-formed `text` into `target` from `position` on. There must be room. */
export function writeUtf8(text: string, target: Uint8Array, position: number): void {
  let to = position;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      target[to++] = unit;
    } else if (unit < 0x800) {
      target[to++] = 0xc0 | (unit >> 6);
      target[to++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      target[to++] = 0xe0 | (unit >> 12);
      target[to++] = 0x80 | ((unit >> 6) & 0x3f);
      target[to++] = 0x80 | (unit & 0x3f);
    } else {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++at) & 0x3ff);
      target[to++] = 0xf0 | (point >> 18);
      target[to++] = 0x80 | ((point >> 12) & 0x3f);
      target[to++] = 0x80 | ((point >> 6) & 0x3f);
      target[to++] = 0x80 | (point & 0x3f);
    }
  }
}

// Few enough for an argument list on every engine.
const chunkLength = 4096;

// Up to here, copying the units one by one is faster than making a view of them.
const shortLength = 24;

/** The text of `bytes[start, end)`, or null where that is not valid UTF-8: overlong, a surrogate, out of range or cut off. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | null {
  if (isAscii(bytes, start, end)) return readAscii(bytes, start, end);
  let text = '';
  let units: number[] = [];
  for (let at = start; at < end; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const point = at + length <= end ? codePoint(bytes, at, first, length) : -1;
    if (point < 0) return null;
    if (point < 0x10000) units.push(point);
    else units.push(0xd800 | ((point - 0x10000) >> 10), 0xdc00 | (point & 0x3ff));
    at += length;
    if (units.length < chunkLength) continue;
    text += fromUnits(units);
    units = [];
  }
  return text + fromUnits(units);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
}

function readAscii(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= shortLength) return readShortAscii(bytes, start, end);
  if (end - start <= chunkLength) return fromUnits(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += chunkLength) text += fromUnits(bytes.subarray(at, Math.min(at + chunkLength, end)));
  return text;
}

function readShortAscii(bytes: Uint8Array, start: number, end: number): string {
  const units: number[] = [];
  for (let at = start; at < end; at++) units.push(bytes[at] as number);
  return fromUnits(units);
}

/** Not a spread: that would walk an iterator. */
function fromUnits(units: ArrayLike<number>): string {
  return String.fromCharCode.apply(null, units as number[]);
}

/** The code point that starts at `at`, or -1 where the sequence is invalid. */
function codePoint(bytes: Uint8Array, at: number, first: number, length: number): number {
  if (length === 1) return first;
  // 0x80…0xc1 would be a continuation or overlong, 0xf5… out of range.
  if (first < 0xc2 || first > 0xf4) return -1;
  let point = first & (0x7f >> length);
  for (let offset = 1; offset < length; offset++) {
    const next = bytes[at + offset] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  const valid = point >= smallest && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return valid ? point : -1;
}
