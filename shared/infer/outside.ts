import { toPlural } from './evidence.ts';
import { type ElementPlace, type Shape, showName, showPath } from './shape.ts';

/** What stands outside the records, with a value: no column reads it. */
export const listOutside = ({ root }: Shape, records: readonly ElementPlace[]): readonly string[] =>
  root === undefined ? [] : listIn(root, new Set(records));

const listIn = (place: ElementPlace, records: ReadonlySet<ElementPlace>): readonly string[] => {
  if (records.has(place)) return [];
  const attributes = [...place.attributes.values()]
    .filter(({ values }) => values.filled > 0)
    .map(
      (attribute) =>
        `${showPath(place)}/@${showName(attribute)}: outside the records, ${toPlural(attribute.values.filled, 'value')}`,
    );
  const text =
    place.text.filled > 0
      ? [`${showPath(place)}: outside the records, ${toPlural(place.text.filled, 'value')}`]
      : [];
  return [...attributes, ...text, ...[...place.children.values()].flatMap((child) => listIn(child, records))];
};
