import { toPlural } from './evidence.ts';
import { type ElementPlace, type Shape, showName, showPath } from './shape.ts';
import type { Values } from './values.ts';

/** What stands outside the records, with a value: no column reads it. `read` is what the paging reads of it. */
export const listOutside = (
  { root }: Shape,
  records: readonly ElementPlace[],
  read: Values | undefined,
): readonly string[] => (root === undefined ? [] : listIn(root, new Set(records), read));

const listIn = (
  place: ElementPlace,
  records: ReadonlySet<ElementPlace>,
  read: Values | undefined,
): readonly string[] => {
  if (records.has(place)) return [];
  const attributes = [...place.attributes.values()]
    .filter(({ values }) => values.filled > 0 && values !== read)
    .map(
      (attribute) =>
        `${showPath(place)}/@${showName(attribute)}: outside the records, ${toPlural(attribute.values.filled, 'value')}`,
    );
  const text =
    place.text.filled > 0 && place.text !== read
      ? [`${showPath(place)}: outside the records, ${toPlural(place.text.filled, 'value')}`]
      : [];
  return [
    ...attributes,
    ...text,
    ...[...place.children.values()].flatMap((child) => listIn(child, records, read)),
  ];
};
