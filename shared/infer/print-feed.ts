import { toCount, toPlural } from './evidence.ts';
import type { NextHint } from './known-shapes.ts';
import {
  choosePrefixes,
  type Prefixes,
  type Used,
  usedOf,
  writeAbsolute,
  writeRelative,
} from './prefixes.ts';
import { printNext, usedOfNext } from './print-next.ts';
import { type ElementPlace, type Name, type Shape, showPath } from './shape.ts';
import { type InferredColumn, type InferredTable, stepsBetween } from './table.ts';

/** The feed file as text. Whatever is of the document itself stands quoted, and no value of it anywhere. */

/** Where the sample came from, as the feed's source. */
export type InferredSource =
  | { readonly kind: 's3' }
  | {
      readonly kind: 'http';
      readonly connection?: string | undefined;
      /** The URL without its query, or what follows the connection's baseUrl. */
      readonly address: string;
      readonly params: readonly (readonly [string, string])[];
      /** The URL that was read, without its query. */
      readonly page: string;
    };

export interface Printed {
  readonly feed: string;
  /** What was read, for people. */
  readonly sample: string;
  readonly source: InferredSource;
  readonly shape: Shape;
  readonly says: string | undefined;
  readonly next: NextHint | undefined;
  readonly tables: readonly InferredTable[];
  readonly notes: readonly string[];
}

const quote = (text: string): string => JSON.stringify(text);

/** What YAML reads as something else than its text. */
const KEYWORDS: ReadonlySet<string> = new Set(['null', 'true', 'false']);
const key = (name: string): string => (KEYWORDS.has(name) ? quote(name) : name);

/** Notes that are printed; the others are counted. */
const MOST_NOTES = 40;

export const printFeed = (p: Printed): string => {
  const prefixes = choosePrefixes([...usedOfTables(p.tables), ...usedOfNext(p.next, p.shape.root?.prefix)]);
  return [
    '# yaml-language-server: $schema=./feed.schema.json',
    ...head(p),
    `feed: ${key(p.feed)}`,
    '',
    ...source(p, prefixes),
    '',
    ...namespaces(prefixes),
    'tables:',
    ...p.tables.flatMap((table) => printTable(table, p, prefixes)),
    ...notes(p.notes),
    '',
  ].join('\n');
};

const head = ({ sample, shape, says }: Printed): readonly string[] => [
  `# Inferred from ${quote(sample)}${says === undefined ? '' : `, ${says}`}: ${toPlural(shape.elements, 'element')} in ${toPlural(shape.bytes, 'byte')} of XML.`,
  '# The comments say what each line was seen in. Another document may have more: look through the types, and at what is not mapped.',
  ...[...shape.warnings].map((warning) => `# ${oneLine(warning)}`),
];

const oneLine = (text: string): string => text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]+/g, ' ');

const absolute = (place: ElementPlace): readonly Name[] => stepsBetween(undefined, place);

const usedOfTables = (tables: readonly InferredTable[]): readonly Used[] =>
  tables.flatMap(({ place, columns }) => [
    ...absolute(place).map((name) => ({ name, isAttribute: false })),
    ...columns.flatMap(({ path, map }) => [
      ...usedOf(path),
      ...(map === undefined ? [] : [...usedOf(map.keyPath), ...usedOf(map.valuePath)]),
    ]),
  ]);

const namespaces = ({ namespaces: of }: Prefixes): readonly string[] => {
  const entries = Object.entries(of);
  if (entries.length === 0) return [];
  return ['namespaces:', ...entries.map(([prefix, uri]) => `  ${quote(prefix)}: ${quote(uri)}`), ''];
};

const source = (p: Printed, prefixes: Prefixes): readonly string[] => {
  const next = p.next === undefined ? undefined : printNext(p.next, prefixes);
  const { source: from } = p;
  if (from.kind === 's3') {
    const hint =
      next === undefined
        ? []
        : [
            ...next.comments.map((comment) => `# ${comment}`),
            `# A source of such pages, http in place of s3, goes on by next: ${next.text}`,
          ];
    return [...hint, 'source:', `  s3: {} # files that land under landing/${p.feed}/; .xml .xml.gz .xml.zst`];
  }
  const address =
    from.connection === undefined
      ? [`    url: ${quote(from.address)}`]
      : [`    connection: ${quote(from.connection)}`, `    path: ${quote(from.address)}`];
  return [
    'source:',
    '  http:',
    ...address,
    ...(from.params.length === 0 ? [] : ['    params:', ...printParams(from.params)]),
    ...(next?.comments ?? []).map((comment) => `    # ${comment}`),
    ...(next === undefined ? [] : [`    ${next.isSure ? '' : '# '}next: ${next.text}`]),
  ];
};

const printParams = (params: readonly (readonly [string, string])[]): readonly string[] => {
  const byName = Map.groupBy(params, ([name]) => name);
  return [...byName].map(([name, all]) => {
    const values = all.map(([, value]) => quote(value));
    return `      ${quote(name)}: ${values.length === 1 ? values[0] : `[${values.join(', ')}]`}`;
  });
};

const printTable = (table: InferredTable, p: Printed, prefixes: Prefixes): readonly string[] => {
  const { name, place, parent, inherited, ordinal, columns } = table;
  const isShort = inherited.length > 0;
  const from = isShort ? parent?.place : undefined;
  const rows = isShort
    ? writeRelative({ steps: stepsBetween(from, place), end: { kind: 'element' } }, prefixes)
    : writeAbsolute(absolute(place), prefixes);
  const most = parent === undefined ? '' : `, at most ${toCount(place.mostInParent)} in one element`;
  return [
    `  # ${toPlural(place.count, 'element')} ${showPath(place)}${most}`,
    `  ${name}:`,
    ...(isShort
      ? [
          `    parent: { ${inherited.map(({ child, parent: of }) => `${key(child)}: ${key(of)}`).join(', ')} }`,
        ]
      : []),
    `    rows: ${quote(rows)}`,
    ...(parent !== undefined && !isShort
      ? [`    # its rows do not say whose they are: with a key, ${parent.name} can be their parent`]
      : []),
    ...(parent === undefined ? printDisposition(table, p) : []),
    '    columns:',
    ...(ordinal === undefined ? [] : [`      ${key(ordinal)}: { ordinal: true }`]),
    ...columns.map((column) => printColumn(column, prefixes)),
  ];
};

const printDisposition = (table: InferredTable, { source: { kind } }: Printed): readonly string[] => {
  const { key: keys, keySays, sequence, sequenceSays } = table;
  if (keys.length === 0) {
    const [word, why] =
      kind === 'http' ? ['replace', 'each run reads all'] : ['append', 'each file adds its rows'];
    return [
      `    disposition: ${word} # ${why}; merge needs a key, and no column with a name of a key has another value in each row`,
    ];
  }
  return [
    '    disposition: merge',
    `    key: [${keys.map(key).join(', ')}] # ${keySays}`,
    ...(sequence === undefined
      ? []
      : [
          `    sequence: [${key(sequence)}] # which version is newer, and a cursor for a window; ${sequenceSays}`,
        ]),
  ];
};

const printColumn = (
  { name, type, path, options, map, says }: InferredColumn,
  prefixes: Prefixes,
): string => {
  const text = writeRelative(path, prefixes);
  const entries = Object.entries(options);
  const shown = text === name ? '' : ` <- ${text}`;
  if (entries.length === 0) return `      ${key(name)}: ${type}${shown} # ${says}`;
  const all: readonly (readonly [string, string])[] = [
    ['path', quote(text)],
    ['type', quote(type)],
    ...entries.map(
      ([option, value]) => [option, typeof value === 'string' ? quote(value) : String(value)] as const,
    ),
    ...(map === undefined
      ? []
      : ([
          ['keyPath', quote(writeRelative(map.keyPath, prefixes))],
          ['valuePath', quote(writeRelative(map.valuePath, prefixes))],
        ] as const)),
  ];
  return `      ${key(name)}: { ${all.map(([option, value]) => `${option}: ${value}`).join(', ')} } # ${says}`;
};

const notes = (all: readonly string[]): readonly string[] => {
  if (all.length === 0) return [];
  const more = all.length - MOST_NOTES;
  return [
    '',
    '# Not mapped:',
    ...all.slice(0, MOST_NOTES).map((note) => `# ${oneLine(note)}`),
    ...(more > 0 ? [`# and ${toPlural(more, 'more path')}`] : []),
  ];
};
