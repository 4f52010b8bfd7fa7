import { Cron } from 'croner';
import { InvalidInput } from '../errors.ts';
import { findCronProblem } from '../feed/resolve/cron-fields.ts';
import { type WallTimes, wallTimesIn } from './wall-time.ts';

/** When a schedule fires. Times are milliseconds since 1970. */
export interface Timing {
  /** The first time after `after`; undefined when there is none. `since` is when the schedule came into being. */
  next(after: number, since: number): number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Parses an expression of EventBridge Scheduler: docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. Where
 * a zone's clocks change, it says, a time that is skipped does not fire, and one that comes twice fires once.
 */
export const parseExpression = (expression: string, timeZone: string): Timing => {
  const [, kind, body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return parseRate(expression, body);
  if (kind === 'cron') return parseCron(expression, body, openZone(expression, timeZone));
  if (kind === 'at') return parseAt(expression, body, openZone(expression, timeZone));
  throw new InvalidInput(`schedule ${expression} is none of rate(…), cron(…) and at(…)`);
};

const openZone = (expression: string, timeZone: string): WallTimes => {
  try {
    return wallTimesIn(timeZone);
  } catch (cause) {
    throw new InvalidInput(`schedule ${expression} is in ${timeZone}, which is no time zone`, { cause });
  }
};

const parseRate = (expression: string, body: string): Timing => {
  const form = /^(1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))$/;
  const [value, unit = ''] = form.test(body) ? body.split(' ') : [];
  const ms = Number(value) * (UNITS[unit.replace(/s$/, '')] ?? Number.NaN);
  if (Number.isNaN(ms)) throw new InvalidInput(`schedule ${expression} is not rate(N minutes|hours|days)`);
  return { next: (after, since) => since + (Math.floor(Math.max(0, after - since) / ms) + 1) * ms };
};

/** Lower bounds of AWS's six fields; `n/m` counts from n to the field's end. */
const FIELDS = [
  { name: 'minutes', end: 59 },
  { name: 'hours', end: 23 },
  { name: 'day-of-month', end: 31 },
  { name: 'month', end: 12 },
  { name: 'day-of-week', end: 7 },
  { name: 'year', end: 2199 },
] as const;

const parseCron = (expression: string, body: string, zone: WallTimes): Timing => {
  const fields = body.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw new InvalidInput(`schedule ${expression} has ${fields.length} fields, not ${FIELDS.length}`);
  }
  if ((fields[2] === '?') === (fields[4] === '?')) {
    throw new InvalidInput(`schedule ${expression}: one of day-of-month and day-of-week has to be ?`);
  }
  const problem = findCronProblem(fields);
  if (problem !== undefined) throw new InvalidInput(`schedule ${expression}: ${problem}`);
  const translated = fields.map((field, index) => {
    if (field === '?') return '*';
    return field.replaceAll(
      /(^|,)(\d+)\/(\d+)/g,
      (_all, comma, from, step) => `${comma}${from}-${FIELDS[index]?.end}/${step}`,
    );
  });
  const cron = openCron(expression, `0 ${translated.join(' ')}`);
  return {
    next: (after) => {
      let wall = cron.nextRun(new Date(zone.at(after)));
      while (wall !== null) {
        const instant = zone.firstInstant(wall.getTime());
        if (instant !== undefined && instant > after) return instant;
        wall = cron.nextRun(wall);
      }
      return undefined;
    },
  };
};

/** Reckons with the clocks on the wall, as if they were UTC's, which never change. */
const openCron = (expression: string, pattern: string): Cron => {
  try {
    // AWS counts days of the week from 1 = Sunday, as Quartz does.
    const cron = new Cron(pattern, {
      timezone: 'UTC',
      mode: '7-part',
      alternativeWeekdays: true,
      paused: true,
    });
    cron.nextRun();
    return cron;
  } catch (cause) {
    throw new InvalidInput(`schedule ${expression}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
};

const parseAt = (expression: string, body: string, zone: WallTimes): Timing => {
  const wall = Date.parse(`${body}Z`);
  // What Date.parse takes beyond Scheduler's form, 30 February or a time without seconds, reads otherwise when written.
  if (Number.isNaN(wall) || new Date(wall).toISOString() !== `${body}.000Z`) {
    throw new InvalidInput(`schedule ${expression} is not at(yyyy-mm-ddThh:mm:ss)`);
  }
  const instant = zone.firstInstant(wall);
  return { next: (after) => (instant !== undefined && instant > after ? instant : undefined) };
};
