import { XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import type { Budget, Refuse } from './budget.ts';
import type { Limits } from './limits.ts';

/** Internal entities of plain text, expanded when they are referred to: what is wrong with one counts only then. */

export type Entity = { readonly kind: 'internal'; readonly text: string } | { readonly kind: 'external' };

export interface Entities {
  /** Of several declarations the first counts. */
  declare(name: string, entity: Entity): void;
  /**
   * What a reference stands for; undefined when the document declares no such entity. What stands in an attribute's value is told apart:
   * there white space that is no character reference becomes spaces (XML 1.0, 3.3.3).
   */
  resolve(name: string, isInAttribute: boolean): string | undefined;
}

export const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Most levels of entities within entities. */
const MOST_LEVELS = 16;

/** An entity expanded once. Its cost is that of expanding it anew: what is charged does not depend on what is remembered. */
interface Expanded {
  readonly text: string;
  readonly cost: number;
  readonly levels: number;
}

interface Expansion {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly limits: Limits;
  readonly budget: Budget;
  readonly refuse: Refuse;
  readonly isInAttribute: boolean;
  readonly known: Map<string, Expanded>;
  /** Names being expanded, outermost first. */
  readonly open: string[];
}

export const newEntities = (limits: Limits, budget: Budget, refuse: Refuse): Entities => {
  const entities = new Map<string, Entity>();
  const open: string[] = [];
  const of = { entities, limits, budget, refuse, open };
  const inText: Expansion = { ...of, isInAttribute: false, known: new Map() };
  const inAttribute: Expansion = { ...of, isInAttribute: true, known: new Map() };
  return {
    declare: (name, entity) => {
      if (!entities.has(name)) entities.set(name, entity);
    },
    resolve: (name, isInAttribute) => {
      if (PREDEFINED.has(name) || !entities.has(name)) return undefined;
      const { text, cost } = expand(name, isInAttribute ? inAttribute : inText);
      // The reference itself stands in the document.
      budget.spend(cost - name.length - 2);
      return text;
    },
  };
};

const REFERENCE = /&([^;&\s]*);?|</g;
const WHITE_SPACE = /[\t\n\r]/g;

const expand = (name: string, e: Expansion): Expanded => {
  const known = e.known.get(name);
  if (known !== undefined) return known;
  const literal = literalOf(name, e);
  if (e.open.includes(name)) return e.refuse(XmlMalformed, `entity ${name} refers to itself`);
  let levels = 1;
  let cost = 1 + literal.length;
  e.open.push(name);
  checkLevels(e.open.length, e);
  const text = literal.replace(REFERENCE, (found, reference: string | undefined) => {
    if (reference === undefined) return refuseMarkup(name, e);
    if (!found.endsWith(';'))
      return e.refuse(XmlMalformed, `entity ${name} has an & that begins no reference`);
    const inner = dereference(reference, name, e);
    levels = Math.max(levels, inner.levels + 1);
    cost += inner.cost - found.length;
    e.budget.check(cost);
    return inner.text;
  });
  e.open.pop();
  checkLevels(levels, e);
  const expanded = { text, cost, levels };
  e.known.set(name, expanded);
  return expanded;
};

const literalOf = (name: string, { entities, limits, refuse, isInAttribute }: Expansion): string => {
  const entity = entities.get(name);
  if (entity === undefined) return refuse(XmlMalformed, `undefined entity ${name}`);
  if (entity.kind === 'external') return refuse(XmlUnsupported, `external entity ${name}`);
  if (entity.text.length > limits.entityLength) {
    refuse(XmlLimitExceeded, `entity ${name} is over entityLength, ${limits.entityLength} characters`);
  }
  return isInAttribute ? entity.text.replace(WHITE_SPACE, ' ') : entity.text;
};

const checkLevels = (levels: number, { refuse }: Expansion): void => {
  if (levels > MOST_LEVELS) refuse(XmlLimitExceeded, `entities are over ${MOST_LEVELS} levels deep`);
};

const refuseMarkup = (name: string, { refuse, isInAttribute }: Expansion): never =>
  isInAttribute
    ? refuse(XmlMalformed, `entity ${name} has a <, which no attribute may have`)
    : refuse(XmlUnsupported, `entity ${name} has markup`);

const dereference = (reference: string, name: string, e: Expansion): Expanded => {
  const character = reference.startsWith('#')
    ? (characterOf(reference) ?? e.refuse(XmlMalformed, `entity ${name} has the reference &${reference};`))
    : PREDEFINED.get(reference);
  return character === undefined ? expand(reference, e) : { text: character, cost: 1, levels: 0 };
};

/** The character of `#38` or `#x26`; undefined when it is none that XML 1.0 allows. */
export const characterOf = (reference: string): string | undefined => {
  const m = /^#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}))$/.exec(reference);
  if (m === null) return undefined;
  const code = m[1] === undefined ? Number(m[2]) : Number.parseInt(m[1], 16);
  const isChar =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isChar ? String.fromCodePoint(code) : undefined;
};
