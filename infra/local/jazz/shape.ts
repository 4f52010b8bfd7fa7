/** What the sample server's elements may hold: names, order in the document, and the kind of each value. */

/** Tags are one text, `|pump|urgent|`; a filter asks for one of them, as `|pump|`. */
export type ScalarType = 'text' | 'tags' | 'number' | 'date' | 'boolean';
export type Shape =
  | { readonly kind: 'scalar'; readonly type: ScalarType }
  | { readonly kind: 'reference' | 'repeat'; readonly fields: Fields };

export type Fields = Readonly<Record<string, Shape>>;

/** One element's content: text, null for an absent value, a reference's fields, or the items of a repeat. */
export type Value = string | null | Content | readonly Content[];
export interface Content {
  readonly [name: string]: Value;
}

const text: Shape = { kind: 'scalar', type: 'text' };
const tags: Shape = { kind: 'scalar', type: 'tags' };
const number: Shape = { kind: 'scalar', type: 'number' };
const date: Shape = { kind: 'scalar', type: 'date' };
const boolean: Shape = { kind: 'scalar', type: 'boolean' };
const reference = (fields: Fields): Shape => ({ kind: 'reference', fields });
const repeat = (fields: Fields): Shape => ({ kind: 'repeat', fields });

const person = { itemId: text, userId: text, name: text };
const named = { itemId: text, name: text };
const literal = { id: text, name: text };

const workItem: Fields = {
  itemId: text,
  stateId: text,
  contextId: text,
  id: number,
  modified: date,
  creationDate: date,
  resolutionDate: date,
  dueDate: date,
  summary: text,
  description: text,
  tags,
  duration: number,
  timeSpent: number,
  correctedEstimate: number,
  archived: boolean,
  state: reference({ ...literal, group: text }),
  type: reference(literal),
  severity: reference(literal),
  priority: reference(literal),
  resolution: reference(literal),
  creator: reference(person),
  owner: reference(person),
  resolver: reference(person),
  modifiedBy: reference(person),
  category: reference(named),
  projectArea: reference(named),
  teamArea: reference(named),
  target: reference({ ...named, archived: boolean }),
  parent: reference({ itemId: text, id: number, summary: text }),
  comments: repeat({ creationDate: date, content: text, creator: reference(person) }),
  allExtensions: repeat({
    key: text,
    type: text,
    displayName: text,
    displayValue: text,
    booleanValue: boolean,
    integerValue: number,
    doubleValue: number,
    smallStringValue: text,
    timestampValue: date,
  }),
  subscriptions: repeat(person),
};

/** Resource (the last segment of the URL) to element to its fields. */
export const RESOURCES: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  workitem: { workItem, deletedWorkItem: { itemId: text, id: number, modified: date } },
  foundation: {
    projectArea: { ...named, archived: boolean },
    contributor: { ...person, emailAddress: text },
  },
};
