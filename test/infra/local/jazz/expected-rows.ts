import type { Content, Value } from '../../../../infra/local/jazz/shape.ts';

/** What feeds/work_items.yaml makes of a work item, worked out from what the sample server holds, not from its XML. */

type Cell = string | number | boolean | null;

const at = (item: Content, path: string): Value =>
  path.split('/').reduce<Value>((value, name) => (isContent(value) ? (value[name] ?? null) : null), item);

const isContent = (value: Value): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text =
  (path: string) =>
  (item: Content): Cell => {
    const value = at(item, path);
    const trimmed = typeof value === 'string' ? value.trim() : '';
    return trimmed === '' ? null : trimmed;
  };
const number =
  (path: string) =>
  (item: Content): Cell => {
    const value = text(path)(item);
    return value === null ? null : Number(value);
  };
const boolean =
  (path: string) =>
  (item: Content): Cell =>
    text(path)(item) === 'true';

/** Cut to so many bytes at a character's boundary. */
const cut =
  (path: string, bytes: number) =>
  (item: Content): Cell => {
    const value = text(path)(item);
    if (typeof value !== 'string' || Buffer.byteLength(value) <= bytes) return value;
    let kept = '';
    let size = 0;
    for (const character of value) {
      size += Buffer.byteLength(character);
      if (size > bytes) break;
      kept += character;
    }
    return kept;
  };

/** As the warehouse prints a timestamptz: UTC, no trailing zeros in the fraction. */
const time =
  (path: string) =>
  (item: Content): Cell => {
    const value = text(path)(item);
    if (typeof value !== 'string') return null;
    const iso = new Date(Date.parse(value.replace(/(\d\d)$/, ':$1'))).toISOString();
    return `${iso.replace('T', ' ').replace(/\.?0*Z$/, '')}+00`;
  };

const customer = (item: Content): Cell => {
  const extensions = item.allExtensions;
  const found = Array.isArray(extensions)
    ? extensions.find(({ key }) => key === 'com.example.customer')
    : undefined;
  return found === undefined ? null : text('displayValue')(found);
};

/** Column to its value, for each column of ewm.work_items. */
export const expectedWorkItems: Readonly<Record<string, (item: Content) => Cell>> = {
  item_id: text('itemId'),
  id: number('id'),
  type: text('type/name'),
  summary: cut('summary', 1024),
  state: text('state/name'),
  state_group: text('state/group'),
  severity: text('severity/name'),
  project_area: text('projectArea/name'),
  planned_for: text('target/name'),
  owner: text('owner/name'),
  created_by: text('creator/name'),
  created: time('creationDate'),
  modified: time('modified'),
  resolved: time('resolutionDate'),
  due: time('dueDate'),
  time_spent_ms: number('timeSpent'),
  archived: boolean('archived'),
  parent_id: number('parent/id'),
  customer,
  tags: text('tags'),
  description: cut('description', 65_535),
  server_version: () => '1.0.0',
};

/** The rows of ewm.comments of one work item, with its id. */
export const expectedComments = (item: Content): readonly Readonly<Record<string, Cell>>[] => {
  const comments = item.comments;
  if (!Array.isArray(comments)) return [];
  return comments.map((comment, n) => ({
    id: number('id')(item),
    position: n + 1,
    created: time('creationDate')(comment),
    author: text('creator/name')(comment),
    content: cut('content', 65_535)(comment),
  }));
};
