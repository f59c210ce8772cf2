import { event } from '@flotilla/state-machine';
import { given, testStateMachine } from '@flotilla/state-machine/testing';
import { describe, expect, it } from 'vitest';
import { keyBytesMax, listBytesMax, valueBytesMax } from './limits.ts';
import { kv, type Page } from './machine.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const stored = (key: string, text = 'v') => event('put', { key, value: bytes(text) });
const put = (key: string, expectedRevision?: number) => ({
  type: 'put' as const,
  input: { key, value: bytes('new'), ...(expectedRevision === undefined ? {} : { expectedRevision }) },
});
const remove = (key: string, expectedRevision?: number) => ({
  type: 'delete' as const,
  input: { key, ...(expectedRevision === undefined ? {} : { expectedRevision }) },
});

testStateMachine('kv', {
  create: () => kv.create(),
  commands: [
    put('a'),
    put('b', 0),
    put('a', 1),
    put('a', 9),
    remove('c'),
    remove('b', 7),
    remove('b'),
    put('\uFEFFü/😀'),
    put('\0'.repeat(keyBytesMax)),
    { type: 'put', input: { key: 'json', value: { base64: '/w==' } } },
  ],
  invalid: [
    put(''),
    put('x'.repeat(keyBytesMax + 1)),
    put('é'.repeat(keyBytesMax / 2 + 1)),
    put('\ud800'),
    put('a', -1),
    { type: 'put', input: { key: 'a', value: new Uint8Array(valueBytesMax + 1) } },
    { type: 'put', input: { key: 'a', value: 7 } },
    { type: 'put', input: { key: 'a', value: 'v', revision: 1 } },
    { type: 'delete', input: {} },
  ],
  queries: [
    { type: 'get', input: { key: 'a' } },
    { type: 'list', input: {} },
  ],
});

describe('put', () => {
  it('stores and gives the revision, which is the index', () => {
    given(kv, [])
      .when(put('a'))
      .then([event('put', { key: 'a', value: bytes('new') })])
      .thenReply({ key: 'a', revision: 1, created: true });
    given(kv, [stored('a')])
      .when(put('a'), { index: 40 })
      .thenReply({ key: 'a', revision: 40, created: false });
  });

  it('takes an expected revision, 0 for a key that must not exist', () => {
    given(kv, [stored('a')])
      .when(put('a', 1))
      .thenReply({ key: 'a', revision: 2, created: false });
    given(kv, []).when(put('a', 0)).thenReply({ key: 'a', revision: 1, created: true });
    given(kv, [stored('a')])
      .when(put('a', 0))
      .thenRejected('revision_mismatch', { key: 'a', revision: 1 });
    given(kv, []).when(put('a', 3)).thenRejected('revision_mismatch', { key: 'a', revision: 0 });
    given(kv, [stored('a'), stored('a')])
      .when(put('a', 1))
      .thenRejected('revision_mismatch', { key: 'a', revision: 2 });
  });
});

describe('delete', () => {
  it('removes, and says where there was nothing to remove', () => {
    given(kv, [stored('a')])
      .when(remove('a'))
      .then([event('deleted', { key: 'a' })])
      .thenReply({ key: 'a', revision: 2, deleted: true });
    given(kv, []).when(remove('a')).then([]).thenReply({ key: 'a', revision: 1, deleted: false });
    given(kv, [stored('a'), event('deleted', { key: 'a' })])
      .when(remove('a', 0))
      .then([]);
    given(kv, [stored('a')])
      .when(remove('a', 5))
      .thenRejected('revision_mismatch', { key: 'a', revision: 1 });
  });
});

describe('list', () => {
  async function withKeys(keys: readonly string[], value: Uint8Array = bytes('v')) {
    const machine = kv.create();
    for (const [position, key] of keys.entries()) {
      const payload = await machine.encode({ type: 'put', input: { key, value } });
      machine.apply([{ index: position + 1, term: 1, time: 0, payload }]);
    }
    return (input: object) => machine.query('list', input) as Page;
  }
  const keysOf = ({ entries, next }: Page) => [...entries.map(({ key }) => key), next];

  it('gives the keys with a prefix in order, page by page', async () => {
    const list = await withKeys(['b', 'a/2', 'a', 'a/10', 'c', 'a/1']);
    expect(keysOf(list({}))).toEqual(['a', 'a/1', 'a/10', 'a/2', 'b', 'c', null]);
    expect(keysOf(list({ prefix: 'a/' }))).toEqual(['a/1', 'a/10', 'a/2', null]);
    expect(keysOf(list({ prefix: 'a/', limit: 2 }))).toEqual(['a/1', 'a/10', 'a/10']);
    expect(keysOf(list({ prefix: 'a/', limit: 2, after: 'a/10' }))).toEqual(['a/2', null]);
    expect(keysOf(list({ prefix: 'b', after: 'a' }))).toEqual(['b', null]);
    expect(keysOf(list({ prefix: 'zz' }))).toEqual([null]);
    expect(keysOf(list({ limit: 6 }))).toEqual(['a', 'a/1', 'a/10', 'a/2', 'b', 'c', null]);
  });

  it('orders keys by their UTF-8', async () => {
    const list = await withKeys(['😀', '\uffff', 'é', 'z', '\0']);
    expect(keysOf(list({}))).toEqual(['\0', 'z', 'é', '\uffff', '😀', null]);
    expect(keysOf(list({ after: '\uffff' }))).toEqual(['😀', null]);
  });

  it('ends a page by bytes too, but never gives an empty one', async () => {
    const list = await withKeys(['a', 'b', 'c'], new Uint8Array(1000));
    expect(keysOf(list({ bytesMax: 2500 }))).toEqual(['a', 'b', 'b']);
    expect(keysOf(list({ bytesMax: 1 }))).toEqual(['a', 'a']);
    expect(() => list({ bytesMax: listBytesMax + 1 })).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => list({ limit: 0 })).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});
