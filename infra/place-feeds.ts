import type { Feed } from '../shared/model/feed.ts';
import { spread } from '../shared/state/sweep-turn.ts';

/**
 * Schedules that one stack holds. CloudFormation takes 500 resources a stack
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html); what a pipeline has beside its schedules fits into the rest.
 */
export const MOST_SCHEDULES = 300;

const countSchedules = ({ schedule, load, comparison }: Feed): number =>
  [schedule, load?.everyMs, comparison].filter((one) => one !== undefined).length;

/**
 * The feeds of each stack that holds schedules, the pipeline's own first: all of them, where there is room for all. Else their
 * names' hashes say: as there are 2, 4, 8… stacks, a growing deployment moves half of a stack's schedules at most, and a new feed moves no other.
 */
export const placeFeeds = (feeds: readonly Feed[]): readonly (readonly Feed[])[] => {
  for (let stacks = 1; ; stacks *= 2) {
    const places = Array.from({ length: stacks }, (_, index) =>
      feeds.filter(({ feed }) => spread(feed, stacks) === index),
    );
    const most = Math.max(
      ...places.map((place) => place.reduce((sum, feed) => sum + countSchedules(feed), 0)),
    );
    if (most <= MOST_SCHEDULES) return places;
  }
};
