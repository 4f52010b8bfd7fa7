import { InvalidInput } from '../errors.ts';
import { hashContract } from '../model/canonical.ts';
import type { Contract, TableContract } from '../model/contract.ts';
import { keysName } from '../model/deletes.ts';
import type { Comparison, Feed, HttpSource } from '../model/feed.ts';
import { parseTemplate, variablesOf } from './template.ts';

/**
 * A comparison reads all keys that the source has, and the rows of the target that have none of them are gone. It is a feed of its own:
 * another request, one table, no window, so that it is planned, read, sealed and parked as any batch is.
 */

/** The listed keys: the key columns of the first table, typed as they are there. */
const keysOf = ({ table, schema, name, rows, disposition, key, columns }: TableContract): TableContract => ({
  table: keysName(table),
  schema,
  name: keysName(name),
  rows,
  disposition,
  key,
  sequence: [],
  columns: key.flatMap((of) => columns.filter((column) => column.name === of)).map(toRequired),
});

const toRequired = (column: TableContract['columns'][number]): TableContract['columns'][number] => ({
  ...column,
  required: true,
});

/** The first table and all below it. */
const familyOf = ({ tables }: Contract): TableContract[] => {
  const family: TableContract[] = [];
  for (const table of tables)
    if (family.length === 0 || family.some((above) => above.table === table.parent?.table))
      family.push(table);
  return family;
};

/** What is the same of the feed's contract, and what the keys are compared with. */
const toContract = (contract: Contract, { mode, atMost }: Comparison): Contract => {
  const [target] = contract.tables;
  if (target === undefined) throw new InvalidInput(`feed ${contract.feed} has no table to compare`);
  const { feed, namespaces, freeze, grants, tables } = contract;
  const unmarks = mode === 'mark' && tables.every(({ deletes }) => deletes === undefined);
  return hashContract({
    feed,
    namespaces,
    ...(freeze === undefined ? {} : { freeze }),
    ...(grants === undefined ? {} : { grants }),
    tables: [keysOf(target)],
    compares: { mode, atMost, ...(unmarks ? { unmarks } : {}), tables: familyOf(contract) },
  });
};

/** The texts that a request is made of. */
const textsOf = ({ url, params, headers, body = '' }: HttpSource): readonly string[] => [
  url,
  body,
  ...[...params, ...headers].map(([, text]) => text),
];

const isOfPartition = (name: string): boolean => name === 'partition' || name.startsWith('partition.');

/** Whether each partition has a listing of its own: where the requests, or the keys, say which one it is. */
const isPartitioned = (source: HttpSource, { tables }: Contract): boolean => {
  const fixed = tables.flatMap(({ columns }) =>
    columns.flatMap(({ source: from }) => (from.kind === 'value' ? [from.template] : [])),
  );
  return [...textsOf(source), ...fixed].some((text) => variablesOf(parseTemplate(text)).some(isOfPartition));
};

/** The feed that lists the keys of another. Throws InvalidInput for a feed that compares none. */
export const comparisonOf = (feed: Feed): Feed => {
  const { comparison, source } = feed;
  if (comparison === undefined || source.kind !== 'http')
    throw new InvalidInput(
      `feed ${feed.feed} has no deletes.<table>.compareKeys, and was asked to compare its keys: deploy the feed file that has it`,
    );
  const asked = { ...source, params: comparison.params };
  const contract = toContract(feed.contract, comparison);
  const hasPartitions = isPartitioned(asked, contract);
  return {
    feed: feed.feed,
    source: asked,
    partitions: hasPartitions ? feed.partitions : [{ name: '', values: {} }],
    ...(hasPartitions && feed.listing !== undefined ? { listing: feed.listing } : {}),
    // A key that could not be read would be taken for one that is gone.
    rejects: { count: 0, percent: 0 },
    onEmpty: 'fail',
    contract,
  };
};

/** The variables of a comparison's requests, partitions' values included. */
export const variablesOfComparison = ({ source, partitions }: Feed): readonly string[] => {
  if (source.kind !== 'http') return [];
  const read = textsOf(source).flatMap((text) => variablesOf(parseTemplate(text)));
  const values = partitions.flatMap((one) =>
    Object.entries(one.values).filter(([name]) => read.includes(`partition.${name}`)),
  );
  return [...read, ...values.flatMap(([, text]) => variablesOf(parseTemplate(text)))];
};
