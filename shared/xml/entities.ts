import { XmlLimitExceeded, XmlMalformed, XmlUnsupported } from '../errors.ts';
import type { Entity } from './doctype.ts';
import type { Limits } from './limits.ts';

/** Internal entities of plain text, expanded when they are referred to, with a bound on the document's sum of them. */

type Refuse = (kind: new (message: string) => Error, what: string) => never;

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Most levels of entities within entities. */
const MOST_LEVELS = 16;

/**
 * Makes the entities known to the parser, by getters: what is wrong with one counts only when it is referred to. What stands in an
 * attribute's value is told apart: there white space that is no character reference becomes spaces (XML 1.0, 3.3.3).
 */
export const defineEntities = (
  known: Record<string, string>,
  entities: ReadonlyMap<string, Entity>,
  limits: Limits,
  refuse: Refuse,
  isInAttribute: () => boolean,
): void => {
  let expanded = 0;
  for (const name of entities.keys()) {
    if (PREDEFINED.has(name)) continue;
    Object.defineProperty(known, name, {
      get: () => {
        const text = expand(name, {
          entities,
          limits,
          refuse,
          isInAttribute: isInAttribute(),
          open: [],
          size: { characters: 0 },
        });
        expanded += text.length;
        if (expanded > limits.entityExpansion) {
          refuse(XmlLimitExceeded, `entities are over entityExpansion, ${limits.entityExpansion} characters`);
        }
        return text;
      },
    });
  }
};

interface Expansion {
  readonly entities: ReadonlyMap<string, Entity>;
  readonly limits: Limits;
  readonly refuse: Refuse;
  readonly isInAttribute: boolean;
  /** Names being expanded, outermost first. */
  readonly open: readonly string[];
  readonly size: { characters: number };
}

const REFERENCE = /&([^;&\s]*);?|</g;
const WHITE_SPACE = /[\t\n\r]/g;

const expand = (name: string, e: Expansion): string => {
  const entity = e.entities.get(name);
  if (entity === undefined) return e.refuse(XmlMalformed, `undefined entity ${name}`);
  if (entity.kind === 'external') return e.refuse(XmlUnsupported, `external entity ${name}`);
  if (e.open.includes(name)) return e.refuse(XmlMalformed, `entity ${name} refers to itself`);
  if (e.open.length >= MOST_LEVELS)
    return e.refuse(XmlLimitExceeded, `entities are over ${MOST_LEVELS} levels deep`);
  if (entity.text.length > e.limits.entityLength) {
    e.refuse(XmlLimitExceeded, `entity ${name} is over entityLength, ${e.limits.entityLength} characters`);
  }
  const literal = e.isInAttribute ? entity.text.replace(WHITE_SPACE, ' ') : entity.text;
  const text = literal.replace(REFERENCE, (found, reference: string | undefined) => {
    if (reference === undefined) return e.refuse(XmlUnsupported, `entity ${name} has markup`);
    if (!found.endsWith(';'))
      return e.refuse(XmlMalformed, `entity ${name} has an & that begins no reference`);
    return dereference(reference, name, e);
  });
  e.size.characters += text.length;
  if (e.size.characters > e.limits.entityExpansion) {
    e.refuse(XmlLimitExceeded, `entities are over entityExpansion, ${e.limits.entityExpansion} characters`);
  }
  return text;
};

const dereference = (reference: string, name: string, e: Expansion): string => {
  if (reference.startsWith('#')) {
    return (
      characterOf(reference) ?? e.refuse(XmlMalformed, `entity ${name} has the reference &${reference};`)
    );
  }
  return PREDEFINED.get(reference) ?? expand(reference, { ...e, open: [...e.open, name] });
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
