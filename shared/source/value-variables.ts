import { InvalidInput } from '../errors.ts';
import type { Feed, S3Source } from '../model/feed.ts';
import { landingOf } from '../model/landing.ts';
import { compileTimeFormat } from '../values/time-format.ts';
import { type SliceValues, sliceVariables } from './slice-variables.ts';
import { expandTemplate, parseTemplate, type Variables, variablesOf } from './template.ts';

/** The variables of `value`: where rows come from, told in the rows. Each is known before a document's first row. */

export interface ValueVariable {
  /** `partition.x` stands for each value of the partitions. */
  readonly name: string;
  readonly says: string;
  /** What a feed must have for it, in words that follow "needs". */
  readonly needs: string;
  /** The names that a feed has of it. */
  in(feed: Feed): readonly string[];
}

const onlyIf = (has: boolean, ...names: readonly string[]): readonly string[] => (has ? names : []);

const isPartitioned = ({ listing, partitions }: Feed): boolean =>
  listing !== undefined || partitions.some(({ name }) => name !== '');

/** Values that each partition has. A page's token is another on each page, and a slice has one text. */
const valuesOfAll = ({ listing, partitions }: Feed): readonly string[] => {
  if (listing !== undefined)
    return (listing.contract.tables[0]?.columns ?? [])
      .map(({ name }) => name)
      .filter((name) => name !== 'name');
  const readsToken = (text: string): boolean => variablesOf(parseTemplate(text)).includes('next.token');
  return Object.keys(partitions[0]?.values ?? {}).filter((name) =>
    partitions.every(({ values }) => Object.hasOwn(values, name) && !readsToken(values[name] ?? '')),
  );
};

const connection: ValueVariable = {
  name: 'connection',
  says: "The connection's name.",
  needs: 'source.http.connection',
  in: ({ source }) => onlyIf(source.kind === 'http' && source.connection !== undefined, 'connection'),
};

const partition: ValueVariable = {
  name: 'partition',
  says: "The partition's name.",
  needs: 'partitions',
  in: (feed) => onlyIf(isPartitioned(feed), 'partition'),
};

const partitionValue: ValueVariable = {
  name: 'partition.x',
  says: "The partition's value `x`, as requests have it.",
  needs: 'a value of that name, without ${next.token}, in every partition',
  in: (feed) => valuesOfAll(feed).map((name) => `partition.${name}`),
};

const windowFrom: ValueVariable = {
  name: 'window.from',
  says: "The start that requests ask for: in the window's `format`, the lookback taken off.",
  needs: 'a window',
  in: ({ window }) => onlyIf(window !== undefined, 'window.from'),
};

const windowTo: ValueVariable = {
  name: 'window.to',
  says: "The end that requests ask for, in the window's `format`.",
  needs: 'a window',
  in: ({ window }) => onlyIf(window !== undefined, 'window.to'),
};

const fileName: ValueVariable = {
  name: 'file.name',
  says: "The object's key below `landing/<feed>/`, or below `prefix`: `2024/items.xml`.",
  needs: 'source.s3',
  in: ({ source }) => onlyIf(source.kind === 's3', 'file.name'),
};

const fileLastModified: ValueVariable = {
  name: 'file.lastModified',
  says: 'When the object was put, in whole seconds: `2024-05-22T12:12:50Z`.',
  needs: 'source.s3',
  in: ({ source }) => onlyIf(source.kind === 's3', 'file.lastModified'),
};

const pageUrl: ValueVariable = {
  name: 'page.url',
  says: 'The URL that the page came from, after redirects; as in messages, `***` stands in place of secrets and of parameters such as `access_token`.',
  needs: 'source.http',
  in: ({ source }) => onlyIf(source.kind === 'http', 'page.url'),
};

export const VALUE_VARIABLES: readonly ValueVariable[] = [
  ...[connection, partition, partitionValue, windowFrom, windowTo],
  ...[fileName, fileLastModified, pageUrl],
];

const find = (name: string): ValueVariable | undefined =>
  VALUE_VARIABLES.find(
    (variable) => variable.name === (name.startsWith('partition.') ? 'partition.x' : name),
  );

const show = (names: readonly string[]): string => names.map((name) => `\${${name}}`).join(' ');

/** Throws InvalidInput for a variable that a feed's `value` cannot have. */
export const checkValueTemplate = (text: string, feed: Feed): void => {
  const known = VALUE_VARIABLES.flatMap((variable) => variable.in(feed));
  const unknown = variablesOf(parseTemplate(text)).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  if (unknown.startsWith('secret.'))
    throw new InvalidInput(`got \${${unknown}}, allowed in headers only: rows are read by many`);
  const needs = find(unknown)?.needs;
  const why = needs === undefined ? '' : `, which needs ${needs}`;
  throw new InvalidInput(
    `got \${${unknown}}${why}, allowed ${known.length === 0 ? 'a fixed text' : show(known)}`,
  );
};

/** A file as its rows tell of it. */
export interface FileValues {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly lastModifiedMs: number;
}

/** A landed object's key as its feed's users know it: below where its files land. */
export const fileNameOf = (feed: string, source: S3Source, key: string): string => {
  const { prefix } = landingOf(feed, source);
  return key.startsWith(prefix) ? key.slice(prefix.length) : key;
};

/** What a document's rows can tell: of its slice, and of its file or its page. */
export const valueVariables = (
  slice: SliceValues,
  { file, pageUrl }: { readonly file?: FileValues; readonly pageUrl?: string },
): Variables => {
  const more = {
    ...(file === undefined
      ? {}
      : {
          'file.name': file.name,
          'file.lastModified': compileTimeFormat('iso').format(file.lastModifiedMs),
        }),
    ...(pageUrl === undefined ? {} : { 'page.url': pageUrl }),
  };
  return sliceVariables(slice, more);
};

/** The texts of `value` columns. Throws InvalidInput where a variable has no value. */
export const toValueText =
  (variables: Variables) =>
  (template: string): string =>
    expandTemplate(parseTemplate(template), variables, 'plain');
