import { describe, expect, it } from 'vitest';
import { newRedactor } from '../../../shared/redact/redactor.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { execute, executeToEnd, feedOf, landed, rowsOf, schedule, sealedBatches, worldOf } from './world.ts';

const paged = (columns: string, more = '') =>
  feedOf(
    'items',
    `source:
  http:
    url: https://jazz.example/workitem
    params: { of: "\${partition.query}" }
    next: { url: "/workitem[@rel='next']/@href" }
partitions:
  - { name: open, team: a, query: "open>\${window.from}" }
  - { name: closed, team: b, query: "closed>\${window.from}" }
schedule: rate(15 minutes)
window: { cursor: modified, start: 2026-11-01T00:00:00Z, lookback: 10m, format: "yyyy-MM-dd HH:mm" }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: append
    key: [id, origin]
    columns:
      id: bigint
      modified: timestamptz
      origin: ${columns}
  ewm.comments:
    parent: { item: id, origin: origin }
    rows: comments
    columns: { position: { ordinal: true }, content: varchar(64) }
${more}`,
  );

const rowsByTable = (world: Parameters<typeof sealedBatches>[0], table: string) =>
  sealedBatches(world).flatMap((batch) => rowsOf(world, batch.tables[table]?.parts ?? []));

describe('variables of value', () => {
  it('are told in each row of a slice, in keys and in what children inherit', async () => {
    const feed = paged(
      `{ type: varchar(99), value: "\${partition}/\${partition.team} \${partition.query} \${window.to}" }`,
    );
    const world = worldOf(feed, pagedSource({ pages: 2, rowsPerPage: 1 }));
    await executeToEnd(world, schedule());
    const texts = [
      'open/a open>2026-10-31 23:50 2026-11-23 12:00',
      'closed/b closed>2026-10-31 23:50 2026-11-23 12:00',
    ];
    const items = rowsByTable(world, 'ewm.items').map(([id, , origin]) => [id, origin]);
    expect(items.sort()).toEqual(
      [...texts]
        .reverse()
        .flatMap((text) => [
          ['1', text],
          ['2', text],
        ])
        .sort(),
    );
    const comments = rowsByTable(world, 'ewm.comments').map(([, origin]) => origin);
    expect(new Set(comments)).toEqual(new Set(texts));
  });

  it("say each page's own URL, without what is secret in it", async () => {
    const redactor = newRedactor();
    redactor.learn('a', { token: 'sesame-open' });
    const source = pagedSource({ pages: 2, rowsPerPage: 1 });
    const open: typeof source.open = async (request, options) => {
      const answer = await source.open(request, options);
      return { ...answer, url: `${answer.url}&who=sesame-open&access_token=abc` };
    };
    const world = worldOf(paged(`{ type: varchar(999), value: "\${page.url}" }`), { ...source, open });
    const ends = await executeToEnd({ ...world, redactor }, schedule());
    expect(ends.map(({ outcome }) => outcome)).toEqual(['Done']);
    const urls = rowsByTable(world, 'ewm.items').map(([, , url = '']) => url ?? '');
    expect(new Set(urls).size).toBe(4);
    for (const url of urls) {
      expect(url).toMatch(/^https:\/\/jazz\.example\/workitem\?of=(?:open|closed)%3E/);
      expect(url).toMatch(/&who=\*\*\*&access_token=\*\*\*$/);
    }
    expect(urls.filter((url) => url.includes('pos=1'))).toHaveLength(2);
  });

  it.each([
    ['of the own bucket', 's3: { suffixes: [.xml] }', 'landing/drops/2026/a b.xml', 'bucket', '2026/a b.xml'],
    [
      'of others',
      's3: { bucket: theirs, prefix: out/, suffixes: [.xml] }',
      'out/2026/c.xml',
      'theirs',
      '2026/c.xml',
    ],
  ])(
    'say the file %s by its name below where files land, and when it was put',
    async (_, source, key, bucket, name) => {
      const feed = feedOf(
        'drops',
        `source: { ${source} }
tables:
  ewm.items:
    rows: /workitem/workItem
    disposition: append
    columns:
      id: bigint
      file: { type: varchar(99), value: "\${file.name}" }
      put: { type: timestamptz, value: "\${file.lastModified}" }
`,
      );
      const world = worldOf(feed, pagedSource({ pages: 0, rowsPerPage: 0 }));
      const putMs = Date.parse('2026-11-20T08:00:07Z');
      world.streams.land({ bucket, key, versionId: 'v1' }, pageXml(1, 2), putMs);
      expect(await execute(world, landed(key, 'v1', bucket))).toMatchObject({ outcome: 'Done' });
      expect(rowsByTable(world, 'ewm.items').map((row) => row.slice(0, 3))).toEqual([
        ['1', name, '2026-11-20 08:00:07+00'],
        ['2', name, '2026-11-20 08:00:07+00'],
      ]);
    },
  );
});
