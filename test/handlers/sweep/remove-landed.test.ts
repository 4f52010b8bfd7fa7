import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeLanded } from '../../../handlers/sweep/remove-landed.ts';
import type { Feed } from '../../../shared/model/feed.ts';
import { landedBatch, toDateFolder, toKey } from '../../../shared/state/keys.ts';
import { TURNS } from '../../../shared/state/sweep-turn.ts';
import { FEED } from '../load/support/world.ts';
import { DAY, definition, removedInADay, toSweeping } from './support/sweeping.ts';

const KEEP_DAYS = 30;
const kept: Feed = {
  ...definition,
  source: { kind: 's3', suffixes: ['.xml'], keepMs: KEEP_DAYS * DAY },
};

const keyOf = (name: string): string => `landing/${FEED}/${name}.xml`;

type State = 'open' | 'sealed' | 'pending' | 'parked';

/** Versions of one object, the newest first, each with what became of its batch. */
const landVersions = (
  { world, objects }: Pick<ReturnType<typeof toSweeping>, 'world' | 'objects'>,
  key: string,
  versions: readonly { readonly days: number; readonly state: State }[],
) => {
  const [newest, ...older] = versions.map(({ days, state }, at) => {
    const lastModifiedMs = world.clock.now() - days * DAY;
    const versionId = `v${versions.length - at}`;
    const batch = landedBatch(key, versionId);
    const place = { feed: FEED, batch };
    if (state !== 'open')
      world.entries.set(toKey({ kind: 'batch', ...place, date: toDateFolder(lastModifiedMs) }), '{}');
    if (state === 'pending' || state === 'parked') world.entries.set(toKey({ kind: state, ...place }), '{}');
    return { lastModifiedMs, versionId };
  });
  if (newest !== undefined) objects.set(key, { ...newest, older });
};

const left = (objects: ReturnType<typeof toSweeping>['objects']) =>
  [...objects].flatMap(([key, { older = [], versionId }]) =>
    [{ versionId }, ...older].map((version) => `${key} ${version.versionId}`),
  );

describe('landed objects that are loaded', () => {
  it('are removed after the time that their feed keeps them, each version by itself, and nothing else', async () => {
    const version = fc.record({
      days: fc.integer({ min: 20, max: 40 }).filter((days) => days !== KEEP_DAYS),
      state: fc.constantFrom<State>('open', 'sealed', 'pending', 'parked'),
    });
    const versions = fc.array(version, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(versions, { maxLength: 3 }), async (landed) => {
        const { world, objects, deps } = toSweeping({ [FEED]: kept });
        for (const [n, some] of landed.entries()) landVersions({ world, objects }, keyOf(`${n}`), some);
        const expected = landed.flatMap((some, n) =>
          some.flatMap(({ days, state }, at) =>
            days > KEEP_DAYS && state === 'sealed' ? [] : [`${keyOf(`${n}`)} v${some.length - at}`],
          ),
        );
        for (let turn = 0; turn < TURNS; turn += 1) await removeLanded(kept, turn, deps());
        expect(left(objects)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('stay for ever where the feed does not say how long', async () => {
    const sweeping = toSweeping();
    landVersions(sweeping, keyOf('a'), [{ days: 4000, state: 'sealed' }]);
    expect(await removedInADay(sweeping)).toBe(0);
  });

  it('go in a sweep', async () => {
    const sweeping = toSweeping({ [FEED]: kept });
    landVersions(sweeping, keyOf('a'), [{ days: 31, state: 'sealed' }]);
    expect(await removedInADay(sweeping)).toBe(1);
    expect(sweeping.objects.size).toBe(0);
  });
});
