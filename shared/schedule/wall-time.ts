/**
 * The time that clocks on the wall of a zone show, as milliseconds since 1970 of a UTC clock that shows the same. Rules
 * for clocks are reckoned in it, since it has every time of every day once.
 */
export interface WallTimes {
  /** What the clocks show at an instant. */
  at(instant: number): number;
  /** The first instant at which they show this; undefined where they never do, being put forward past it. */
  firstInstant(wall: number): number | undefined;
}

/** No zone changes its clocks twice within two days. */
const DAY_MS = 86_400_000;

/** Throws RangeError for a zone that is not known. */
export const wallTimesIn = (timeZone: string): WallTimes => {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const at = (instant: number): number => {
    const parts = format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]);
    const { year, month, day, hour, minute, second } = Object.fromEntries(parts);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  /** How far the clocks are ahead of UTC's near a time. */
  const aheadNear = (time: number): number => at(time) - time;
  return {
    at,
    firstInstant: (wall) => {
      const instants = [wall - DAY_MS, wall + DAY_MS].map((near) => wall - aheadNear(near));
      return instants.filter((instant) => at(instant) === wall).toSorted((a, b) => a - b)[0];
    },
  };
};
