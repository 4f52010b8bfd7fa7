import { describe, expect, it } from 'vitest';
import type { Source, SourceClock } from '../../../handlers/ports/source.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { planRecord } from '../../../shared/state/records.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import {
  execute,
  executeToEnd,
  feedOf,
  keysUnder,
  NOW,
  numbers,
  schedule,
  sealedBatches,
  sealedIds,
  worldOf,
} from './world.ts';

const feed = (partitions = '', url = '${partition.uri}') =>
  feedOf(
    'items',
    `source:
  http:
    url: "${url}"
    params: { of: "\${partition}", kind: "\${partition.kind}" }
    trustedHosts: ["other.example:9443"]
    next: { url: "/list/@next" }
partitions:
  http: { url: "https://jazz.example/projects", next: { url: "/projects/@next" } }
  rows: /projects/project
  values: { name: "@name", uri: "@uri", kind: "@kind" }
  ${partitions}
tables:
  ewm.items:
    rows: /list/item
    disposition: merge
    key: [id]
    columns: { id: bigint }
`,
  );

interface Project {
  readonly name: string;
  readonly uri?: string;
  readonly kind?: string;
}

/** A server that lists projects, three a page, and has one item in each. */
const server = (projects: readonly Project[], onAsk: () => void = () => {}) => {
  const asked: string[] = [];
  const escaped = (text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const listing = (url: URL) => {
    const at = Number(url.searchParams.get('at') ?? '0');
    const next = at + 3 < projects.length ? ` next="?at=${at + 3}"` : '';
    const rows = projects
      .slice(at, at + 3)
      .map(
        ({ name, uri = `/project/${name}`, kind = 'k' }) =>
          `<project name="${escaped(name)}" uri="${escaped(uri)}" kind="${escaped(kind)}"/>`,
      );
    return `<projects${next}>${rows.join('')}</projects>`;
  };
  const source: Source & SourceClock = {
    open: async ({ url: text }) => {
      const url = new URL(text);
      asked.push(`${url.host}${url.pathname}${url.search}`);
      onAsk();
      const of = projects.findIndex(({ name }) => name === url.searchParams.get('of'));
      const xml =
        url.pathname === '/projects' ? listing(url) : `<list><item><id>${of + 1}</id></item></list>`;
      return {
        url: text,
        header: () => undefined,
        charset: undefined,
        body: (async function* () {
          yield Buffer.from(xml);
        })(),
      };
    },
    readClock: async () => undefined,
  };
  return { ...source, asked };
};

const projects = (count: number): Project[] => numbers(count).map((n) => ({ name: `p${n}` }));

const slicesOf = (world: Parameters<typeof keysUnder>[0]) => {
  const [key = ''] = keysUnder(world, 'plans/');
  return readRecordText(key, world.records.entries.get(key) ?? '', planRecord).slices;
};

describe('partitions that the source lists', () => {
  it('are read first, page by page, and each is a slice of its own at its uri', async () => {
    const world = worldOf(
      feed(),
      server([...projects(4), { name: 'a b', uri: 'https://other.example:9443/x?y=1' }]),
    );
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.asked).toEqual([
      'jazz.example/projects',
      'jazz.example/projects?at=3',
      'jazz.example/project/p1?of=p1&kind=k',
      'jazz.example/project/p2?of=p2&kind=k',
      'jazz.example/project/p3?of=p3&kind=k',
      'jazz.example/project/p4?of=p4&kind=k',
      'other.example:9443/x?y=1&of=a%20b&kind=k',
    ]);
    expect(sealedIds(world).sort()).toEqual(numbers(5));
    expect(slicesOf(world)[0]).toEqual({
      slice: 0,
      partition: { name: 'p1', values: { uri: 'https://jazz.example/project/p1', kind: 'k' } },
    });
  });

  it('are read on over a page of which a predicate leaves none', async () => {
    const pages = ['<l><p kind="y" name="a"/></l>', '<l><p kind="x" name="b"/></l>', '<l/>'];
    const listed = pagedSource({
      pages: 1,
      rowsPerPage: 1,
      onOpen: (_, { url }) => (url.includes('/list') ? pages[Number(url.slice(-1)) - 1] : undefined),
    });
    const text = `source: { http: { url: "http://127.0.0.1:8080/workitem", params: { of: "\${partition}" } } }
partitions:
  http: { url: "http://127.0.0.1:8080/list", next: { page: p } }
  rows: "/l/p[@kind='x']"
  values: { name: "@name" }
tables:
  ewm.items: { rows: /workitem/workItem, disposition: append, columns: { id: bigint } }
`;
    const world = worldOf(feedOf('items', text), listed);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(slicesOf(world).map(({ partition: { name } }) => name)).toEqual(['b']);
  });

  it('are those of the first plan for every execution of a batch', async () => {
    const clock = manualClock(Date.parse(NOW));
    let isSlow = true;
    const source = server(projects(3), () => {
      if (isSlow) clock.advance(240_000);
    });
    const world = { ...worldOf(feed(), source), clock };
    const first = await execute(world, schedule());
    expect(first.outcome).toBe('Continue');
    isSlow = false;
    await executeToEnd(world, first.next ?? expect.unreachable());
    expect(source.asked.filter((url) => url.startsWith('jazz.example/projects'))).toHaveLength(1);
    expect(sealedIds(world).sort()).toEqual(numbers(3));
  });

  it('are several a slice where a plan has too few, each read once, whatever stops an execution', async () => {
    const clock = manualClock(Date.parse(NOW));
    let asked = 0;
    const source = server(projects(210), () => {
      asked += 1;
      if (asked === 120) clock.advance(240_000);
    });
    const world = { ...worldOf(feed(), source), clock };
    const results = await executeToEnd(world, schedule());
    expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Done']);
    expect(slicesOf(world)).toHaveLength(105);
    expect(sealedBatches(world)).toMatchObject([{ records: 210 }]);
    expect(sealedIds(world).sort((a, b) => a - b)).toEqual(numbers(210));
  });

  it('have values that are text, whatever they look like', async () => {
    const world = worldOf(feed(), server([{ name: '${window.from}', kind: '${x' }]));
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'Done' });
    expect(world.source.asked[1]).toContain('of=%24%7Bwindow.from%7D&kind=%24%7Bx');
  });

  it.each<[string, string, readonly Project[], string, RegExp]>([
    [
      'more than atMost',
      'atMost: 2',
      projects(3),
      'DocumentMismatch',
      /page 1 has more than 2 partitions, allowed partitions.atMost: 2$/,
    ],
    [
      'a name twice',
      '',
      [...projects(3), { name: 'p1' }],
      'DocumentMismatch',
      /page 2 has the name "p1" twice/,
    ],
    [
      'none',
      '',
      [],
      'DocumentMismatch',
      /listing https:\/\/jazz.example\/projects has no \/projects\/project, allowed at least one/,
    ],
    ['an empty name', '', [{ name: '' }], 'DocumentMismatch', /page 1 line 1 column \d+: name <- @name: /],
    [
      'a control character',
      '',
      [{ name: 'a\u0085b' }],
      'DocumentMismatch',
      /has name "a.*b", allowed text without control characters/,
    ],
    [
      'a uri elsewhere',
      '',
      [{ name: 'a', uri: 'https://evil.example/' }],
      'UntrustedHost',
      /leads to https:\/\/evil.example\/, allowed jazz.example other.example:9443/,
    ],
    [
      'a uri with a user',
      '',
      [{ name: 'a', uri: 'https://u:p@jazz.example/' }],
      'UntrustedHost',
      /with a user in the URL/,
    ],
  ])('fail by name where there is %s', async (_, more, listed, outcome, message) => {
    const world = worldOf(feed(more), server(listed));
    const result = await execute(world, schedule());
    expect(result.outcome).toBe(outcome);
    expect(String(result.error)).toMatch(message);
    expect(keysUnder(world, 'leases/')).toEqual([]);
  });
});
