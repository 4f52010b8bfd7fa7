import { SqlRefused } from './refusal.ts';

/** https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html; `m` is the minute. */
const NAMES: Readonly<Record<string, string>> = {
  millennium: 'millennium millennia mil mils',
  century: 'century centuries c cent cents',
  decade: 'decade decades dec decs',
  epoch: 'epoch',
  year: 'year years y yr yrs',
  quarter: 'quarter quarters qtr qtrs',
  month: 'month months mon mons',
  week: 'week weeks w',
  dow: 'dayofweek dow dw weekday',
  doy: 'dayofyear doy dy yearday',
  day: 'day days d',
  hour: 'hour hours h hr hrs',
  minute: 'minute minutes m min mins',
  second: 'second seconds s sec secs',
  millisecond: 'millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon',
  microsecond: 'microsecond microseconds microsec microsecs usecond useconds us usec usecs',
};
const PARTS: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([part, names]) => names.split(' ').map((name) => [name, part] as const)),
);

/** The full name of a date part. Throws SqlRefused for what is none. */
export const toDatePart = (name: string): string => {
  const part = PARTS.get(name.toLowerCase());
  if (part === undefined) {
    throw new SqlRefused(
      `"${name}" is no date part; there are ${Object.keys(NAMES).join(', ')} and their short forms`,
    );
  }
  return part;
};
