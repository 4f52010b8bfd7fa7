import { DocumentMismatch } from '../errors.ts';
import type { Found } from '../values/found.ts';
import type { Span } from '../values/spans.ts';
import type { Emission } from './emission.ts';
import type { ColumnMatcher, Target } from './matcher-shape.ts';
import { ancestorOf, type Row, settled, UNDECIDED } from './record.ts';

/** What a column finds for a row; a span of a parent's column is typed already. */
export const find = (
  e: Emission,
  column: ColumnMatcher,
  row: Row,
  ordinal: number,
): Found | readonly Found[] | Span | undefined => {
  const { source } = column;
  if (source.kind === 'slot') {
    const { alternatives } = source;
    return alternatives.length === 1
      ? findAt(e, column, row, alternatives[0])
      : findFirst(e, column, row, alternatives);
  }
  if (source.kind === 'hash') return undefined;
  if (source.kind === 'ordinal') return String(ordinal);
  if (source.kind === 'value') return textOf(e, source.template);
  return row.parent?.values?.[source.column] ?? undefined;
};

/** The same for all rows of a document. */
const textOf = ({ texts, options }: Emission, template: string): string => {
  const known = texts.get(template);
  if (known !== undefined) return known;
  const text = options.valueText?.(template) ?? template;
  texts.set(template, text);
  return text;
};

/** Of alternatives the first that is a value, else the first that was found. */
const findFirst = (
  e: Emission,
  column: ColumnMatcher,
  row: Row,
  alternatives: readonly Target[],
): Found | readonly Found[] | undefined => {
  let first: Found | readonly Found[] | undefined;
  for (const target of alternatives) {
    const at = findAt(e, column, row, target);
    const found = typeof at === 'number' ? e.source.textAt(at) : at;
    if (found === undefined) continue;
    if (column.isValue(found)) return found;
    first ??= found;
  }
  return first;
};

const findAt = (
  e: Emission,
  column: ColumnMatcher,
  row: Row,
  target: Target | undefined,
): Found | readonly Found[] | Span | undefined => {
  if (target === undefined) return undefined;
  const holding = row.holding.holder === target.holder ? row.holding : ancestorOf(row, target.holder);
  if (holding === undefined) return undefined;
  const found = settled(holding.entries[target.slot]);
  if (found !== UNDECIDED) return found;
  return e.refuse(
    DocumentMismatch,
    `${column.path} has a predicate that no element before the first record decides`,
  );
};
