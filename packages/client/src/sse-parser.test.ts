import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sseParser } from './sse-parser.ts';

describe('the parser of server-sent events', () => {
  it('reads ids, events and data of several lines, and skips comments', () => {
    const parse = sseParser();
    expect(parse(':\n\nid: 1-0\nevent: put\ndata: a\ndata:b\n\n')).toEqual([{ id: '1-0', event: 'put', data: 'a\nb' }]);
    expect(parse('data: x\r\n\r\n')).toEqual([{ id: '1-0', event: '', data: 'x' }]);
    expect(parse('retry: 5\nid\n\ndata\n\n')).toEqual([{ id: '', event: '', data: '' }]);
  });

  it('does not care where the stream is cut', () => {
    const stream = 'id: 1\r\nevent: a\r\ndata: x\r\n\r\n: c\n\nid: 2\nevent: b\ndata: y\ndata: z\n\nid: 3\rdata: w\r\r';
    const whole = [...sseParser()(`${stream}\n`)];
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const parse = sseParser();
        const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
        const pieces = places.slice(1).map((end, at) => stream.slice(places[at], end));
        expect([...pieces, '\n'].flatMap((piece) => parse(piece))).toEqual(whole);
      }),
    );
  });
});
