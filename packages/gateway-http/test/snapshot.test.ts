import { FlotillaError } from '@flotilla/core';
import { RuntimeError } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { post, serve } from './guestbook.ts';

describe('a snapshot', () => {
  it('is taken by the member that is asked', async () => {
    const { url, group } = await serve();
    const { index, size, id } = await group.takeSnapshot();
    expect(await post(`${url}/v1/snapshot`, null)).toMatchObject({ status: 200, body: { index, size, id } });
    expect(await post(`${url}/v1/snapshot?force=1`, null)).toMatchObject({ status: 400, body: { error: { code: 'invalid_query' } } });
  });

  it.each([
    [507, 'snapshot_no_room', new FlotillaError('snapshot_no_room', 'the disk is full', 'Free some room.')],
    [501, 'no_snapshot_store', new RuntimeError('no_snapshot_store', 'not-applied', 'no store', 'Bind one.')],
    [409, 'nothing_to_snapshot', new RuntimeError('nothing_to_snapshot', 'not-applied', 'nothing was applied yet', 'Try again later.')],
  ])('is refused with %i %s', async (status, code, failure) => {
    const { url, group } = await serve();
    group.failNext(failure);
    expect(await post(`${url}/v1/snapshot`, null)).toMatchObject({ status, body: { error: { code } } });
  });

  it('that is not there is 404, and nobody is told to remove the member', async () => {
    const { url } = await serve();
    for (const id of ['none', '0', '..%2Fidentity.json', '%00']) {
      const response = await fetch(`${url}/v1/snapshot/${id}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { code: 'snapshot_missing', hint: expect.stringContaining('POST /v1/snapshot') },
      });
    }
  });
});
