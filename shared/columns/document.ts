import { COLUMN_KEYS } from './registry.ts';

/** The documentation's table of a column's keys. */
export const columnsTable = (): string =>
  [
    '| key | what it does |',
    '| --- | --- |',
    ...COLUMN_KEYS.map(({ key, says }) => `| \`${key}\` | ${says.replaceAll('|', '\\|')} |`),
  ].join('\n');
