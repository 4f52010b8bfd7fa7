import { toColumnTyper } from '../../columns/way.ts';
import { InvalidInput } from '../../errors.ts';
import { type ColumnContract, targetTables } from '../../model/contract.ts';
import type { Feed } from '../../model/feed.ts';
import { parseTemplate, type Variables, variablesOf } from '../../source/template.ts';
import { checkValueTemplate, toValueText, valueVariables } from '../../source/value-variables.ts';
import type { Check } from './check.ts';

/** Texts of `value` that have variables: they must be the feed's, and what is known of them already of the column's type. */

/** A text of the form that a file's time has. */
const SAMPLE_TIME_MS = Date.UTC(2026, 0, 1);

/** For each partition what its slices give; the window's bounds stand for all, since they are written alike. */
const samplesOf = (feed: Feed): readonly Variables[] => {
  const { window, listing, partitions } = feed;
  if (listing !== undefined) return [];
  const bounds = window === undefined ? undefined : { fromMs: window.startMs, toMs: window.startMs };
  return partitions.map((partition) => {
    const variables = valueVariables(
      { feed, partition, bounds },
      { file: { name: '', lastModifiedMs: SAMPLE_TIME_MS } },
    );
    return (name) => (name === 'file.name' ? undefined : variables(name));
  });
};

const checkType = (column: ColumnContract, template: string, samples: readonly Variables[]): void => {
  const names = variablesOf(parseTemplate(template));
  const type = toColumnTyper(column);
  for (const variables of samples) {
    if (names.some((name) => variables(name) === undefined)) continue;
    const typed = type(toValueText(variables)(template));
    if (typed === null && column.required)
      throw new InvalidInput(`got '${template}', which is empty, allowed a value: the column is required`);
    if (typed !== null && typeof typed !== 'string')
      throw new InvalidInput(`got '${template}': ${typed.reason}`);
  }
};

/** Checks the texts that have variables. */
export const checkValues = (feed: Feed, check: Check): void => {
  const samples = samplesOf(feed);
  for (const { table, columns } of targetTables(feed.contract)) {
    for (const column of columns) {
      const { source, name } = column;
      if (source.kind !== 'value' || !source.template.includes('${')) continue;
      check.attempt(['tables', table, 'columns', name, 'value'], () => {
        checkValueTemplate(source.template, feed);
        checkType(column, source.template, samples);
      });
    }
  }
};
