import { describe, expect, it } from 'vitest';
import { DocumentMismatch, EmptyBatch } from '../../../shared/errors.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  numbers,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

/** A feed whose paths are wrong by a letter: a window that is sealed is not read again. */

const PAGES = 3;
const feedWith = ({ rows = 'workItem', href = 'href', more = '' } = {}): Feed =>
  feedOf(
    'items',
    `source:
  http:
    url: http://127.0.0.1:8080/workitem
    params: { from: "\${window.from}", to: "\${window.to}", size: 2 }
    next: { url: "/workitem/@${href}" }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z }
${more}
tables:
  ewm.items:
    rows: /workitem/${rows}
    disposition: merge
    key: [id]
    columns: { id: bigint, modified: timestamptz }
`,
  );
const openWorld = (feed: Feed) => worldOf(feed, pagedSource({ pages: PAGES, rowsPerPage: 2 }));

describe('a batch without a record, of documents that have some of nearly that name', () => {
  it('is not sealed, and its window is read whole once the path is mended', async () => {
    const world = openWorld(feedWith({ rows: 'workItme' }));
    const { error } = await execute(world, schedule());
    expect(error).toBeInstanceOf(EmptyBatch);
    expect(String(error)).toContain(
      'has no record by /workitem/workItme, though it has /workitem/workItem: mend the path of rows, or write onEmpty: accept where this is right',
    );
    expect(sealedBatches(world)).toEqual([]);
    await executeToEnd({ ...world, feed: feedWith() }, schedule('2026-11-24T12:00:00.000Z'));
    expect(sealedIds(world)).toEqual(numbers(2 * PAGES));
  });

  it('is sealed where the feed says that it may be empty', async () => {
    const world = openWorld(feedWith({ rows: 'workItme', more: 'onEmpty: accept' }));
    expect((await executeToEnd(world, schedule())).at(-1)?.outcome).toBe('Done');
    expect(sealedBatches(world).map(({ records }) => records)).toEqual([0]);
  });

  it('is sealed where they have nothing like it', async () => {
    const world = openWorld(feedWith({ rows: 'attachment' }));
    expect((await executeToEnd(world, schedule())).at(-1)?.outcome).toBe('Done');
    const [batch] = sealedBatches(world);
    expect(batch?.warnings).toEqual([expect.stringContaining('rows /workitem/attachment matched nothing')]);
  });
});

describe('a batch whose first page is full, and has a link of nearly the name of next', () => {
  it('is not sealed, and all pages are read once the path is mended', async () => {
    const world = openWorld(feedWith({ href: 'hrfe' }));
    const { error } = await execute(world, schedule());
    expect(error).toBeInstanceOf(DocumentMismatch);
    expect(String(error)).toContain('path /workitem/@hrfe matched nothing in the batch');
    expect(String(error)).toContain('/workitem/@href');
    expect(sealedBatches(world)).toEqual([]);
    await executeToEnd({ ...world, feed: feedWith() }, schedule('2026-11-24T12:00:00.000Z'));
    expect(sealedIds(world)).toEqual(numbers(2 * PAGES));
  });
});
