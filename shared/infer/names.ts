import { RESERVED_COLUMNS, SYSTEM_COLUMNS } from '../feed/resolve/identifiers.ts';

/** Names of columns and tables: snake case, unique, none that the warehouse keeps for itself. */

/** Bytes of a name: what the local warehouse holds is less than Redshift's 127. */
const LONGEST = 60;

/** `workItem` to `work_item`, `JUnit-Name` to `junit_name`; what is no letter of a-z or digit parts words. */
export const toSnake = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');

const toName = (words: readonly string[], otherwise: string): string => {
  const joined = words
    .map(toSnake)
    .filter((word) => word !== '')
    .join('_');
  const name = joined === '' ? otherwise : joined;
  return (/^[a-z]/.test(name) ? name : `_${name}`).slice(0, LONGEST).replace(/_+$/, '');
};

/** Gives names that are not taken yet: the first is as wanted, the others have a number. */
export const newNamer = (reserved: readonly string[], otherwise: string) => {
  const taken = new Set(reserved);
  const next = new Map<string, number>();
  const give = (words: readonly string[]): string => {
    const wanted = toName(words, otherwise);
    let name = wanted;
    let n = next.get(wanted) ?? 2;
    for (; taken.has(name); n += 1) name = `${wanted.slice(0, LONGEST - 6)}_${n}`;
    next.set(wanted, n);
    taken.add(name);
    return name;
  };
  return { give, isTaken: (name: string): boolean => taken.has(name) };
};

export type Namer = ReturnType<typeof newNamer>;

export const newColumnNamer = (): Namer => newNamer([...RESERVED_COLUMNS, ...SYSTEM_COLUMNS], 'value');

/** A feed's name out of a file's or a URL's: a letter first, at most 63 characters. */
export const toFeedName = (text: string): string =>
  toName(
    [text.replace(/\.(?:gz|zst)$/i, '').replace(/\.(?:xml|rdf|rss|atom|xhtml)$/i, '')],
    'sample',
  ).replace(/^_+/, 'f_');
