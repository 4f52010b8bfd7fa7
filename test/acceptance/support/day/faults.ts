import { copyIn } from './copy.ts';
import { type DayFeed, type Hindrance, run } from './feed.ts';
import { readStatus } from './hour.ts';
import type { Spoils } from './sources.ts';
import type { World } from './world.ts';

/** A fault of a feed: how it begins and how its cause is mended, at the source, in the warehouse or by a person. */
export interface DayFault {
  readonly word: string;
  readonly error: string;
  /** The state that a person is told of. */
  readonly need: 'failing' | 'not-loading' | 'parked' | 'rejecting' | 'paused';
  /** Whether it is over once what is right is loaded, and not before. */
  readonly endsByLoad?: true;
  fits(feed: DayFeed): boolean;
  begin(feed: DayFeed, world: World): Promise<void>;
  mend(feed: DayFeed, world: World): Promise<void>;
}

/** The source answers something else than it should. */
const ofSource = (word: string, error: string, passes: boolean, spoils: Spoils): DayFault => ({
  ...{ word, error, need: 'failing' },
  fits: ({ kind }) => kind.lands !== true,
  begin: async (feed) => {
    Object.assign(feed, { spoils, extracts: { error, passes } });
  },
  mend: async (feed) => {
    Object.assign(feed, { spoils: undefined, extracts: undefined });
  },
});

const LOGIN = '<!DOCTYPE html><html><body><form action="j_security_check">Log in<br></form></body></html>';

const OF_SOURCES: readonly DayFault[] = [
  ofSource('status 500', 'SourceUnavailable', true, () => 500),
  ofSource('truncated', 'SourceTruncated', true, (xml) => xml.slice(0, -'</list>'.length)),
  ofSource('malformed', 'XmlMalformed', false, (xml) => xml.replace('</list>', '<a></b></list>')),
  ofSource('login page', 'SourceRefused', false, () => LOGIN),
  ofSource('another schema', 'DocumentMismatch', false, (xml) => xml.replaceAll(/(<\/?)list/g, '$1error')),
  ofSource('a page that follows itself', 'PagingLoop', false, (xml, { pathname, search }) =>
    xml.replace(/<list[^>]*>/, `<list next="${pathname}${search.replaceAll('&', '&amp;')}">`),
  ),
  ofSource('rejects', 'TooManyRejects', false, (xml) =>
    xml.replaceAll(' id="', ' id="no').replace('</list>', '<item id="none" modified=""/></list>'),
  ),
];

/** One row of several is rejected: its batch is loaded without it, and a person is told. */
const fewRejects: DayFault = {
  ...{ word: 'a reject', error: 'one row', need: 'rejecting' },
  fits: ({ kind }) => ['tracked', 'history', 'log'].includes(kind.word),
  begin: async (feed) => {
    feed.spoils = (xml) => xml.replace('</list>', '<item id="none" modified="2026-01-01T00:00:00Z"/></list>');
    feed.rejects = true;
  },
  mend: async (feed) => {
    feed.spoils = undefined;
    feed.rejects = false;
  },
};

/** The warehouse refuses what a feed's loads do, by an error of its own. */
const ofWarehouse = (word: string, says: string, hindrance: Hindrance): DayFault => {
  const arm = (feed: DayFeed, { cloud }: World, times: number): void =>
    cloud.faultService('redshift', { kind: 'refuse', of: `"day"."${feed.name}"`, says, times });
  return {
    ...{ word, error: hindrance.error, need: hindrance.parks === true ? 'parked' : 'not-loading' },
    fits: ({ loaded }) => loaded.size > 0,
    begin: async (feed, world) => {
      arm(feed, world, 1_000_000);
      feed.loads = hindrance;
    },
    mend: async (feed, world) => {
      arm(feed, world, 0);
      feed.loads = undefined;
    },
  };
};

const OF_WAREHOUSE: readonly DayFault[] = [
  ofWarehouse('a right that is missing', 'permission denied for relation', {
    ...{ error: 'permission denied', passes: true },
  }),
  ofWarehouse('a column that is too short', 'value too long for type character varying(5)', {
    ...{ error: 'LoadDataRefused', passes: false, parks: true },
  }),
];

/** Somebody removes a part file before it is loaded, and puts it back. */
const partGone = (): DayFault => {
  const removed = new Map<string, { readonly key: string; readonly body: Uint8Array }>();
  return {
    ...{ word: 'a part file that is gone', error: 'LoadDataRefused', need: 'parked' },
    fits: ({ kind, truth, empty }) =>
      kind.waits === true &&
      truth.pending.size === 1 &&
      ![...truth.pending.keys()].some((one) => empty.has(one)),
    begin: async (feed, { bucket }) => {
      const [batch] = await bucket.list(`pending/${feed.name}/`);
      const parts = await bucket.list(`staged/${feed.name}/${batch?.split('/').at(-1)}/`);
      const key = parts.find((part) => part.includes(`/day.${feed.name}/`)) ?? '';
      removed.set(feed.name, { key, body: await bucket.take(key) });
      const [only] = feed.truth.pending.keys();
      feed.loads = { error: 'LoadDataRefused', passes: false, parks: true, batch: only };
    },
    mend: async (feed, { bucket }) => {
      const { key = '', body = new Uint8Array() } = removed.get(feed.name) ?? {};
      await bucket.put(key, body);
      feed.loads = undefined;
    },
  };
};

/** A file that ends in the middle; the mended one lands again under its name. */
const brokenFile: DayFault = {
  ...{ word: 'a broken file', error: 'XmlMalformed', need: 'parked', endsByLoad: true },
  fits: ({ kind }) => kind.lands === true,
  begin: async (feed) => {
    feed.spoils = (xml) => xml.replace('</list>', '<a></b></list>');
    feed.extracts = { error: 'XmlMalformed', passes: false, parks: true };
  },
  mend: async (feed, world) => {
    const { land, now, options } = world;
    Object.assign(feed, { spoils: undefined, extracts: undefined });
    const next = (await readStatus(world, feed.name)).get(feed.name)?.next ?? '';
    // Of a cloud of this machine status knows how files get there; on AWS that is the person's own business.
    const copy = copyIn(next);
    if ((copy === undefined) === (options === ''))
      throw new Error(`no word of how to land the file: ${next}`);
    await land(feed, now(), copy);
    run(feed, now(), now());
  },
};

const held: DayFault = {
  ...{ word: 'a person', error: '', need: 'paused' },
  fits: () => true,
  begin: async (feed, { type }) => {
    await type(`npx millrace pause ${feed.name}`);
    feed.truth.isPaused = true;
  },
  mend: async () => {},
};

export const DAY_FAULTS: readonly DayFault[] = [
  ...OF_SOURCES,
  fewRejects,
  ...OF_WAREHOUSE,
  partGone(),
  brokenFile,
  held,
];
