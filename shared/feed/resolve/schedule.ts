import type { Feed } from '../../model/feed.ts';
import { isZone } from '../../values/zone.ts';
import type { ScheduleDocument } from '../document/deletes.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';
import { findCronProblem } from './cron-fields.ts';

/** Schedules as EventBridge Scheduler takes them (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). */

const FIELD = '[0-9A-Za-z*,/#-]+';
/** The day of the month and that of the week exclude each other: the one that does not count is a question mark. */
const cron = (day: string, weekday: string): RegExp =>
  new RegExp(`^cron\\(${FIELD} ${FIELD} ${day} ${FIELD} ${weekday} ${FIELD}\\)$`);
const FORMS = [
  /^rate\(([2-9]|[1-9]\d+) (minutes|hours|days)\)$/,
  /^rate\(1 (minute|hour|day)\)$/,
  cron(FIELD, '\\?'),
  cron('\\?', FIELD),
  /^at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)$/,
];

/** What is wrong with an expression of a form that there is; undefined where nothing is. */
const findProblem = (expression: string): string | undefined => {
  const [, kind, body = ''] = /^(\w+)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return findCronProblem(body.split(' '));
  if (kind === 'at' && !isDateTime(body)) return 'allowed a day and a time that there are';
  return undefined;
};

/** 30 February is taken for 2 March. */
const isDateTime = (text: string): boolean => {
  const ms = Date.parse(`${text}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === `${text}.000Z`;
};

/** Scheduler takes names of the IANA database; Intl takes offsets, such as +02:00, as well. */
const isTimezone = (name: string): boolean => !/^[+-]/.test(name) && isZone(name);

/** The schedule that is written at a place, with its time zone, where there is one. */
export const resolveSchedule = (
  schedule: ScheduleDocument,
  place: KeyPath,
  check: Check,
): NonNullable<Feed['schedule']> => {
  const at: KeyPath = typeof schedule === 'string' ? place : [...place, 'expression'];
  const { expression, timezone = undefined } =
    typeof schedule === 'string' ? { expression: schedule } : schedule;
  const problem = findProblem(expression);
  if (!FORMS.some((form) => form.test(expression))) {
    check.refuse(
      at,
      `got '${expression}', allowed rate(15 minutes), cron(0 3 * * ? *) with six fields, of the two days one ?, at(2026-01-31T03:00:00)`,
    );
  } else if (problem !== undefined) check.refuse(at, `got '${expression}', ${problem}`);
  if (timezone !== undefined && !isTimezone(timezone)) {
    check.refuse([...place, 'timezone'], `got '${timezone}', allowed a zone such as Europe/Berlin`);
  }
  return { expression, ...(timezone === undefined ? {} : { timezone }) };
};
