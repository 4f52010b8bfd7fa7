/**
 * What each field of a cron expression may hold (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html):
 * a list of `*`, values and ranges, each with a step where one is given, and what `special` says.
 */
interface FieldRule {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names of the values from `from` on. */
  readonly names?: readonly string[];
  /** Forms of this field alone; a number in them lies in the field's range, too. */
  readonly special?: RegExp;
}

const FIELDS: readonly FieldRule[] = [
  { name: 'minutes', from: 0, to: 59 },
  { name: 'hours', from: 0, to: 23 },
  // The last day, the last weekday, the weekday nearest to a day.
  { name: 'day-of-month', from: 1, to: 31, special: /^(?:LW?|(\d+)W)$/ },
  {
    name: 'month',
    from: 1,
    to: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  {
    name: 'day-of-week',
    from: 1,
    to: 7,
    names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
    // The last day of the week, the last such day of the month, its n-th.
    special: /^(?:L|(\w+)L|(\w+)#[1-5])$/,
  },
  { name: 'year', from: 1970, to: 2199 },
];

const ITEM = /^(?:\*|(\w+?)(?:-(\w+))?)(?:\/0*[1-9]\d*)?$/;

/** What is wrong with the six fields of a cron expression, the first of it; undefined where nothing is. */
export const findCronProblem = (fields: readonly string[]): string | undefined => {
  for (const [index, rule] of FIELDS.entries()) {
    const field = fields[index] ?? '';
    if (field === '?' && rule.name.startsWith('day-of-')) continue;
    const items = field.split(',');
    const wrong = items.find((item) => !isItem(item.toUpperCase(), rule));
    if (wrong !== undefined) {
      const order = isRange(wrong.toUpperCase(), rule) ? ', a range from its smaller value' : '';
      return `${rule.name} '${wrong}', allowed ${toAllowed(rule)}${order}`;
    }
    if (items.length > 1 && field.includes('#'))
      return `${rule.name} '${field}', allowed a single one where it has a #`;
  }
  return undefined;
};

const isItem = (item: string, rule: FieldRule): boolean => {
  const special = rule.special?.exec(item);
  if (special != null) return special.slice(1).every((value) => value === undefined || isValue(value, rule));
  const found = ITEM.exec(item);
  if (found === null) return false;
  const [from = rule.from, to = rule.to] = found
    .slice(1)
    .map((value) => (value === undefined ? undefined : toNumber(value, rule)));
  // A range across the field's end, FRI-MON, stands nowhere in the service's pages.
  return from <= to;
};

const isRange = (item: string, rule: FieldRule): boolean =>
  ITEM.exec(item)
    ?.slice(1)
    .every((value) => value !== undefined && isValue(value, rule)) === true;

/** NaN, which no comparison holds for, where it is no value of the field. */
const toNumber = (text: string, { from, to, names = [] }: FieldRule): number => {
  if (names.includes(text)) return from + names.indexOf(text);
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : Number.NaN;
};

const isValue = (text: string, rule: FieldRule): boolean => !Number.isNaN(toNumber(text, rule));

const toAllowed = ({ from, to, names }: FieldRule): string =>
  `${from}-${to}${names === undefined ? '' : ` or ${names[0]}-${names.at(-1)}`}`;
