import type { Jazz } from '../../../infra/local/jazz/server.ts';
import type { Content } from '../../../infra/local/jazz/shape.ts';
import { expectedComments, expectedWorkItems } from '../../infra/local/jazz/expected-rows.ts';
import type { Row } from './tables.ts';

/** What test/fixtures/first-user makes of the sample server's content, worked out from that content alone. */

const itemsOf = (value: unknown): readonly Content[] => (Array.isArray(value) ? value : []);

const extensionOf = (item: Content, key: string): Content | undefined =>
  itemsOf(item.allExtensions).find((one) => one.key === key);

/** The last Sunday of a month (1 to 12) at 01:00 UTC, when the clocks of the European Union change. */
const changeMs = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month, 0, 1));
  return last.getTime() - last.getUTCDay() * 86_400_000;
};

const HOUR_MS = 3_600_000;

/** `2026-01-15 09:00:00.250` of a clock in Berlin as the warehouse prints it; of an hour that is there twice, the first. */
export const fromBerlin = (text: string): string => {
  const shown = Date.parse(`${text.replace(' ', 'T')}Z`);
  const year = Number(text.slice(0, 4));
  const inSummer = shown - 2 * HOUR_MS;
  const isSummer = inSummer >= changeMs(year, 3) && inSummer < changeMs(year, 10);
  const iso = new Date(isSummer ? inSummer : shown - HOUR_MS).toISOString();
  return `${iso.replace('T', ' ').replace(/\.?0*Z$/, '')}+00`;
};

const own: Readonly<Record<string, (item: Content) => unknown>> = {
  effort: (item) => Number(extensionOf(item, 'com.example.effort')?.integerValue),
  regression: (item) => extensionOf(item, 'com.example.regression')?.booleanValue === 'true',
  inspected: (item) => {
    const shown = extensionOf(item, 'com.example.inspected')?.displayValue;
    return typeof shown === 'string' ? fromBerlin(shown) : null;
  },
  custom: (item) =>
    Object.fromEntries(itemsOf(item.allExtensions).map(({ key, displayValue }) => [key, displayValue])),
  tags: ({ tags }) => (typeof tags === 'string' ? tags.slice(1, -1).split('|') : null),
};

export const expectedItems = (jazz: Jazz): readonly Row[] =>
  [...jazz.workItems()].map((item) =>
    Object.fromEntries(
      Object.entries({ ...expectedWorkItems, ...own }).map(([name, of]) => [name, comparable(of(item))]),
    ),
  );

export const expectedItemComments = (jazz: Jazz): readonly Row[] =>
  [...jazz.workItems()].flatMap((item) => expectedComments(item).map((comment) => ({ ...comment })));

/** A list or map as text with its keys in order, so that two can be compared. */
export const comparable = (value: unknown): string | number | boolean | null => {
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null;
  if (Array.isArray(value)) return JSON.stringify(value);
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
};
