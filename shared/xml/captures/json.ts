import { type Failure, fail } from '../../values/failure.ts';
import { isOnlySpace, trimSpace } from '../../values/space.ts';
import { findExcessLength } from '../../values/text.ts';
import type { Attribute } from '../attributes.ts';
import { splitName, uriOf } from '../names.ts';
import type { Capture, CaptureForm, Tag } from './capture.ts';

/**
 * An element as JSON. Its shape follows from names alone, never from how often or how filled something is, so that a query that is right
 * for one row is right for all: an element is an object; `@name` is an attribute, a string; `#text` its own text, where it has some; `name`
 * all its child elements of that name, always an array. Names are without prefix.
 */

/** What an element and an attribute cost besides their characters. */
const ELEMENT_COST = 96;
const ATTRIBUTE_COST = 16;

interface Children {
  readonly uri: string;
  /** Objects with commas between them. */
  items: string;
}

interface Open {
  readonly local: string;
  readonly uri: string;
  /** Members of the object so far, with commas between them. */
  attributes: string;
  text: string;
  /** Text since the last tag: comments and CDATA sections do not divide it. */
  run: string;
  children: Map<string, Children> | undefined;
}

/** Ends a text node. Between elements white space alone is how a document is laid out. */
const endRun = (element: Open): void => {
  if (element.children === undefined || !isOnlySpace(element.run)) element.text += element.run;
  element.run = '';
};

const join = (before: string, member: string): string => (before === '' ? member : `${before},${member}`);

/** Adds a child's object to those of its name. Gives why it cannot. */
const addChild = (parent: Open, { local, uri }: Open, json: string): Failure | undefined => {
  parent.children ??= new Map();
  const known = parent.children.get(local);
  if (known === undefined) parent.children.set(local, { uri, items: json });
  else if (known.uri === uri) known.items = `${known.items},${json}`;
  else return clash(parent.local, `elements named ${local}`, known.uri, uri);
  return undefined;
};

const clash = (at: string, what: string, one: string, other: string): Failure =>
  fail(
    `<${at}> has ${what} of two namespaces, ${one || 'none'} and ${other || 'none'}, which would be one in JSON; map them apart, or keep the markup by as: xml`,
  );

const toJsonText = (text: string, name: string): string | Failure => {
  const excess = findExcessLength(text);
  return excess === undefined ? JSON.stringify(text) : fail(`${name}: ${excess.reason}`);
};

/** An element's attributes as members. */
const toMembers = (
  list: readonly Attribute[],
  at: string,
  trim: (text: string) => string,
): string | Failure => {
  const uris = new Map<string, string>();
  let members = '';
  for (const { local, uri, value } of list) {
    const other = uris.get(local);
    if (other !== undefined) return clash(at, `attributes named ${local}`, other, uri);
    uris.set(local, uri);
    const json = toJsonText(trim(value), `@${local} of <${at}>`);
    if (typeof json !== 'string') return json;
    members = join(members, `${JSON.stringify(`@${local}`)}:${json}`);
  }
  return members;
};

/** A closed element as an object. */
const toObject = (element: Open, trim: (text: string) => string): string | Failure => {
  let members = element.attributes;
  const text = trim(element.text);
  if (text !== '') {
    const json = toJsonText(text, `the text of <${element.local}>`);
    if (typeof json !== 'string') return json;
    members = join(members, `"#text":${json}`);
  }
  for (const [name, { items }] of element.children ?? [])
    members = join(members, `${JSON.stringify(name)}:[${items}]`);
  return `{${members}}`;
};

/** An element while it is kept. */
interface Keeping {
  readonly open: Open[];
  readonly trim: (text: string) => string;
  json: string;
  failure: Failure | undefined;
  size: number;
}

/** Nothing more is kept: the row is a reject. */
const giveUp = (k: Keeping, why: Failure): void => {
  k.failure = why;
  k.open.length = 0;
  k.size = 0;
};

const openElement = (k: Keeping, { name, attributes: list, scope }: Tag): void => {
  const parent = k.open.at(-1);
  if (parent !== undefined) {
    // A run before the first child is layout too.
    parent.children ??= new Map();
    endRun(parent);
  }
  const { prefix, local } = splitName(name) ?? { prefix: '', local: name };
  const attributes = toMembers(list, local, k.trim);
  if (typeof attributes !== 'string') {
    giveUp(k, attributes);
    return;
  }
  k.size += ELEMENT_COST + local.length + attributes.length + ATTRIBUTE_COST * list.length;
  const uri = uriOf(scope, prefix) ?? '';
  k.open.push({ local, uri, attributes, text: '', run: '', children: undefined });
};

const closeElement = (k: Keeping): void => {
  const element = k.open.pop();
  if (element === undefined) return;
  endRun(element);
  const parent = k.open.at(-1);
  const object = toObject(element, k.trim);
  const why = typeof object !== 'string' ? object : parent && addChild(parent, element, object);
  if (why !== undefined) giveUp(k, why);
  else if (parent === undefined && typeof object === 'string') k.json = object;
};

const same = (text: string): string => text;

export const newJsonCapture = ({ trims }: CaptureForm): Capture => {
  const k: Keeping = { open: [], trim: trims ? trimSpace : same, json: '', failure: undefined, size: 0 };
  return {
    open: (tag) => {
      if (k.failure === undefined) openElement(k, tag);
    },
    text: (text) => {
      const element = k.open.at(-1);
      if (element === undefined) return;
      element.run += text;
      k.size += text.length;
    },
    close: () => closeElement(k),
    value: () => k.failure ?? { json: k.json },
    size: () => k.size,
  };
};
