import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { parseTemplate, type Variables, variablesOf } from '../../shared/source/template.ts';
import { toValueText, valueVariables } from '../../shared/source/value-variables.ts';
import { UsageError } from './command-io.ts';

/** Variables of `value` for a document that no run has read: what the file tells, and what `--variable` says of the rest. */

/** Names that the feed's columns read, each with the first column that does. */
const findReaders = ({ contract }: Feed): ReadonlyMap<string, string> => {
  const readers = new Map<string, string>();
  for (const { table, columns } of contract.tables)
    for (const { name, source } of columns) {
      if (source.kind !== 'value') continue;
      for (const variable of variablesOf(parseTemplate(source.template)))
        if (!readers.has(variable)) readers.set(variable, `${table}.${name}`);
    }
  return readers;
};

const readGiven = (
  given: readonly string[],
  readers: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> => {
  const names = [...readers.keys()];
  // A partition's name leads to its values.
  const allowed = names.some((name) => name.startsWith('partition.')) ? ['partition', ...names] : names;
  return new Map(
    given.map((text) => {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
      if (name === '') throw new UsageError(`--variable takes NAME=TEXT, got ${JSON.stringify(text)}`);
      if (!allowed.includes(name))
        throw new UsageError(
          `--variable ${name}: no column reads it, allowed ${[...new Set(allowed)].join(' ') || 'none: no value has a variable'}`,
        );
      return [name, value];
    }),
  );
};

const findPartition = ({ feed, listing, partitions }: Feed, name: string | undefined) => {
  const found = partitions.find((partition) => partition.name === name);
  if (found !== undefined) return found;
  if (name !== undefined && listing === undefined)
    throw new UsageError(
      `--variable partition=${name}: feed ${feed} has none of that name, allowed ${partitions.map((one) => one.name).join(' ')}`,
    );
  return undefined;
};

/** What the document tells without a run. Of partitions and windows it tells nothing. */
const findKnown = async (
  feed: Feed,
  path: string,
  given: ReadonlyMap<string, string>,
): Promise<Variables> => {
  const partition = findPartition(feed, given.get('partition'));
  const file =
    path === '-' ? undefined : { name: basename(path), lastModifiedMs: (await stat(path)).mtimeMs };
  const variables = valueVariables(
    { feed, partition: partition ?? { name: '', values: {} } },
    file === undefined ? {} : { file },
  );
  return (name) => {
    if (given.has(name)) return given.get(name);
    if (partition === undefined && name.startsWith('partition')) return undefined;
    try {
      return variables(name);
    } catch (error) {
      if (error instanceof InvalidInput) return undefined; // the partition's value names the window
      throw error;
    }
  };
};

/**
 * The texts of `value` for a file, or stdin where the path is `-`. Throws UsageError for a variable that only a run knows and that is
 * not given.
 */
export const readDocumentValues = async (
  feed: Feed,
  path: string,
  given: readonly string[],
): Promise<(template: string) => string> => {
  const readers = findReaders(feed);
  const known = await findKnown(feed, path, readGiven(given, readers));
  for (const [name, column] of readers) {
    if (known(name) !== undefined) continue;
    throw new UsageError(
      `\${${name}} of ${column} is known in a run only, allowed here with --variable ${name}=TEXT`,
    );
  }
  return toValueText(known);
};
