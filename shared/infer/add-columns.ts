import { LONGEST_TEXT_BYTES } from '../values/text.ts';
import { tellValues, toCount, toPlural } from './evidence.ts';
import { findMap } from './key-value.ts';
import type { Namer } from './names.ts';
import { isRecursive } from './recursion.ts';
import {
  type ElementPlace,
  isPlain,
  isRepeated,
  type Name,
  type Shape,
  showName,
  showPath,
} from './shape.ts';
import type { InferredColumn, InferredTable, RelativePath } from './table.ts';
import { typeOf, varcharFor } from './types.ts';
import type { Values } from './values.ts';

/** The columns of one table: what stands once in a row, lists of plain values, maps, and what is kept as text or markup. */

export interface Pending {
  readonly place: ElementPlace;
}

interface Adding {
  readonly shape: Shape;
  readonly record: ElementPlace;
  readonly table: InferredTable;
  readonly nameColumn: Namer;
  readonly mayHaveTable: (place: ElementPlace) => boolean;
  /** Elements that become tables below this one. */
  readonly pending: Pending[];
  readonly notes: string[];
}

export const addColumns = (a: Adding): void => {
  const { place, parent } = a.table;
  if (place.beyond > 0) tellBeyond(a, place);
  addAttributes(a, place, []);
  if (place.mixed > 0 && parent !== undefined) {
    addWholeText(a, place, []);
    return;
  }
  addText(a, place, []);
  for (const child of place.children.values()) addElement(a, child, [child]);
  if (a.table.columns.length === 0 && a.table.ordinal === undefined) addPresence(a, place);
};

const wordsOf = ({ table }: Adding, steps: readonly Name[]): readonly string[] =>
  steps.length === 0 ? [table.place.local] : steps.map(({ local }) => local);

const push = (
  a: Adding,
  words: readonly string[],
  column: Omit<InferredColumn, 'name' | 'values'> & { readonly values?: Values },
): void => {
  a.table.columns.push({ name: a.nameColumn.give(words), values: undefined, ...column });
};

/** A column of values of which each row has one at most. */
const addValues = (
  a: Adding,
  words: readonly string[],
  values: Values,
  path: RelativePath,
  name: string,
): void => {
  const { type, options } = typeOf(values, name);
  const cut = options.truncate === true ? '; what is longer is cut off' : '';
  push(a, words, {
    type,
    options,
    path,
    values,
    says: tellValues(values, a.table.place.count, type, a.shape.pool) + cut,
  });
};

const addAttributes = (a: Adding, place: ElementPlace, steps: readonly Name[]): void => {
  for (const attribute of place.attributes.values()) {
    if (attribute.values.filled === 0) {
      a.notes.push(`${showPath(place)}/@${showName(attribute)}: always empty`);
      continue;
    }
    const words = [...steps.map(({ local }) => local), attribute.local];
    addValues(
      a,
      words,
      attribute.values,
      { steps, end: { kind: 'attribute', name: attribute } },
      attribute.local,
    );
  }
};

/** The text of elements without child elements, or the words between these. */
const addText = (a: Adding, place: ElementPlace, steps: readonly Name[]): void => {
  if (place.parents === 0) {
    if (place.text.filled > 0)
      addValues(a, wordsOf(a, steps), place.text, { steps, end: { kind: 'element' } }, place.local);
    else if (isPlain(place) && place !== a.table.place) a.notes.push(`${showPath(place)}: always empty`);
    return;
  }
  if (place.text.filled === 0 && place.mixed === 0) return;
  const { type, options } = varcharFor(place.mostOwnBytes, place.count);
  push(a, [...steps.map(({ local }) => local), 'text'], {
    type,
    options: { many: 'join', separator: ' ', ...options },
    path: { steps, end: { kind: 'text' } },
    says: `words beside child elements, at most ${toPlural(place.mostOwnBytes, 'byte')}`,
  });
};

/** Words with elements among them: what is in it, without the tags. */
const addWholeText = (a: Adding, place: ElementPlace, steps: readonly Name[]): void => {
  const { type, options } = varcharFor(place.mostTextBytes, place.count);
  const cut = options.truncate === true ? '; what is longer is cut off' : '';
  push(a, wordsOf(a, steps), {
    type,
    options: { as: 'text', ...options },
    path: { steps, end: { kind: 'element' } },
    says: `mixed content, at most ${toPlural(place.mostTextBytes, 'byte')}${cut}; as: xml keeps its markup`,
  });
};

const addElement = (a: Adding, place: ElementPlace, steps: readonly Name[]): void => {
  if (isRecursive(place, a.record)) addMarkup(a, place, steps, 'stands within itself');
  else if (isRepeated(place)) addRepeated(a, place, steps);
  else if (place.mixed > 0) {
    addAttributes(a, place, steps);
    addWholeText(a, place, steps);
  } else {
    addAttributes(a, place, steps);
    addText(a, place, steps);
    for (const child of place.children.values()) addElement(a, child, [...steps, child]);
    if (place.beyond > 0) tellBeyond(a, place);
  }
};

const tellBeyond = ({ notes, shape }: Adding, place: ElementPlace): void => {
  notes.push(
    `${showPath(place)}: ${toPlural(place.beyond, 'element')} below are not told apart, over ${toCount(shape.limits.places)} paths of one document`,
  );
};

const addRepeated = (a: Adding, place: ElementPlace, steps: readonly Name[]): void => {
  const map = findMap(place);
  const path: RelativePath = { steps, end: { kind: 'element' } };
  const most = `at most ${toCount(place.mostInParent)} in one element`;
  if (map !== undefined) {
    const { keyPath, valuePath } = map;
    push(a, wordsOf(a, steps), {
      type: 'super',
      options: { many: 'map' },
      path,
      map: { keyPath, valuePath },
      says: `${toPlural(place.count, 'key')} with values, ${most}, none twice in one`,
    });
  } else if (isPlain(place) && place.text.mostBytes <= LONGEST_TEXT_BYTES) {
    if (place.text.filled === 0) a.notes.push(`${showPath(place)}: always empty`);
    else
      push(a, wordsOf(a, steps), {
        type: 'super',
        options: { many: 'json' },
        path,
        says: `a list: ${toPlural(place.count, 'value')}, ${most}`,
      });
  } else if (a.mayHaveTable(place)) a.pending.push({ place });
  else addMarkup(a, place, steps, 'would be a table too many');
};

/** All of an element in one column, as markup; what is too long for one is told. */
const addMarkup = (a: Adding, place: ElementPlace, steps: readonly Name[], why: string): void => {
  if (place.mostMarkupBytes > LONGEST_TEXT_BYTES) {
    a.notes.push(
      `${showPath(place)}: ${toPlural(place.count, 'element')}, ${why}, and markup of up to ${toPlural(place.mostMarkupBytes, 'byte')} is too long for a column, allowed ${toCount(LONGEST_TEXT_BYTES)}`,
    );
    return;
  }
  const isMany = isRepeated(place);
  push(a, wordsOf(a, steps), {
    type: isMany ? 'super' : varcharFor(place.mostMarkupBytes, place.count).type,
    options: { as: 'xml', ...(isMany ? { many: 'json' } : {}) },
    path: { steps, end: { kind: 'element' } },
    says: `${toPlural(place.count, 'element')}: ${why}, so its markup is kept`,
  });
};

/** A table has a column at least: the name of elements of which nothing else can be kept. */
const addPresence = (a: Adding, place: ElementPlace): void => {
  push(a, [place.local, 'name'], {
    ...varcharFor(Buffer.byteLength(place.local), place.count),
    path: { steps: [], end: { kind: 'name' } },
    says: 'the name of the element, of which nothing else is kept',
  });
};
