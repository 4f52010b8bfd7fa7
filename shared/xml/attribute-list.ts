import {
  need,
  needSpace,
  readPlainName,
  readQualifiedName,
  readQuoted,
  readToken,
  type Scanner,
  skipSpace,
  take,
  wrong,
} from './dtd-scanner.ts';

/** One attribute as its element's declaration has it. */
export interface AttributeDeclaration {
  readonly name: string;
  /** Its type is another than CDATA: the spaces around its tokens do not count. */
  readonly isTokenized: boolean;
  /** The value that it has where it is left out, as it is written; undefined when there is none. */
  readonly literal: string | undefined;
}

/** Longer ones first: each is the start of another. */
const TYPES = ['IDREFS', 'IDREF', 'ID', 'ENTITY', 'ENTITIES', 'NMTOKENS', 'NMTOKEN'];

/** What follows the element's name in an attribute list, up to its end: white space, and attribute after attribute. */
export function* readAttributeList(s: Scanner): Generator<AttributeDeclaration> {
  while (!take(s, '>')) {
    const hasSpace = skipSpace(s);
    if (take(s, '>')) return;
    if (!hasSpace) wrong(s, 'a malformed attribute list');
    const name = readQualifiedName(s);
    needSpace(s);
    const isTokenized = !take(s, 'CDATA');
    if (isTokenized) readTokenizedType(s);
    needSpace(s);
    yield { name, isTokenized, literal: readDefault(s) };
  }
}

const readTokenizedType = (s: Scanner): void => {
  if (take(s, 'NOTATION')) {
    needSpace(s);
    need(s, '(');
    readChoices(s, () => readPlainName(s, 'a notation'));
  } else if (take(s, '(')) readChoices(s, () => readToken(s));
  else if (!TYPES.some((type) => take(s, type))) wrong(s, 'an unknown type of an attribute');
};

const readChoices = (s: Scanner, readChoice: () => void): void => {
  do {
    skipSpace(s);
    readChoice();
    skipSpace(s);
  } while (take(s, '|'));
  need(s, ')');
};

const readDefault = (s: Scanner): string | undefined => {
  if (take(s, '#REQUIRED') || take(s, '#IMPLIED')) return undefined;
  if (take(s, '#FIXED')) needSpace(s);
  return readQuoted(s) ?? wrong(s, 'no default of an attribute');
};
