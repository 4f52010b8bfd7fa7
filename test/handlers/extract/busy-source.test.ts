import { expect, it } from 'vitest';
import { SourceBusy } from '../../../shared/errors.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { pagedSource } from '../../fakes/paged-source.ts';
import { execute, executeToEnd, itemsFeed, NOW, numbers, schedule, sealedIds, worldOf } from './world.ts';

/** A source that has so many pages for each execution, and then says for the rest of its time that it is asked too often. */
const busyAfter = (pages: number) => {
  const clock = manualClock(Date.parse(NOW));
  let left = pages;
  const source = pagedSource({
    pages: 5,
    rowsPerPage: 2,
    onOpen: () => {
      if (left-- > 0) return undefined;
      left = pages;
      clock.advance(230_000);
      throw new SourceBusy('http://127.0.0.1:8080/workitem answered 429');
    },
  });
  return { ...worldOf(itemsFeed(), source), clock };
};

it('goes on in the next execution where a slice of a busy source got on, and no execution fails', async () => {
  const world = busyAfter(2);
  const results = await executeToEnd(world, schedule());
  expect(results.map(({ outcome }) => outcome)).toEqual(['Continue', 'Continue', 'Done']);
  expect(sealedIds(world)).toEqual(numbers(10));
});

it('tells by name of a source that gave nothing in all of an execution', async () => {
  expect(await execute(busyAfter(0), schedule())).toMatchObject({ outcome: 'SourceBusy' });
});
