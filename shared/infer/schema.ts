import { XmlMalformed } from '../errors.ts';
import { LONGEST_PIECE } from '../xml/copy.ts';
import { newDecoder } from '../xml/decode.ts';
import { decompress } from '../xml/decompress.ts';
import { DEFAULT_LIMITS } from '../xml/limits.ts';
import { splitName } from '../xml/names.ts';
import { newXmlParser } from '../xml/parser.ts';
import type { ElementPlace, Shape } from './shape.ts';

/** What an XML Schema says that a sample cannot: which elements may repeat, which texts only look like numbers, and what else there is. */

interface Declared {
  readonly name: string;
  readonly isMany: boolean;
  /** A simple type's name, or that of a complex type of the schema. */
  readonly type: string;
  /** The element's own complex type. */
  own: ComplexType | undefined;
}

interface ComplexType {
  readonly elements: Declared[];
}

export interface Schema {
  readonly roots: readonly Declared[];
  readonly types: ReadonlyMap<string, ComplexType>;
}

/** Declarations that are kept; a schema of more says nothing of the rest. */
const MOST_DECLARED = 10_000;

type Raw = Readonly<Record<string, string>>;

const localOf = (name: string): string => splitName(name)?.local ?? name;

/** An open element of the schema: the type that declarations go to, or the declaration that a type goes to. */
interface Open {
  readonly type?: ComplexType;
  readonly element?: Declared | undefined;
}

interface Reading extends Schema {
  readonly roots: Declared[];
  readonly types: Map<string, ComplexType>;
  readonly open: Open[];
  count: number;
}

/** Reads a schema in one document. Throws as parseDocument does where it is broken. */
export const readSchema = async (chunks: AsyncIterable<Uint8Array>, place: string): Promise<Schema> => {
  const reading: Reading = { roots: [], types: new Map(), open: [], count: 0 };
  const parser = newXmlParser(place, DEFAULT_LIMITS, {
    open: (tag, attributes) => {
      const local = localOf(tag);
      if (reading.open.length === 0 && local !== 'schema')
        parser.refuse(XmlMalformed, `root is <${tag}>, expected a schema`);
      reading.open.push(begin(reading, local, attributes ?? {}));
      return false;
    },
    text: () => undefined,
    close: () => {
      reading.open.pop();
      return false;
    },
    warn: () => undefined,
  });
  const line = (): number => parser.position().line;
  const decoder = newDecoder({ name: place, charset: undefined, line, warn: () => undefined });
  for await (const chunk of decompress(chunks, place)) {
    for (let at = 0; at < chunk.length; at += LONGEST_PIECE)
      parser.write(decoder.decode(chunk.subarray(at, at + LONGEST_PIECE)));
  }
  parser.write(decoder.end());
  parser.end();
  return reading;
};

const begin = (reading: Reading, local: string, raw: Raw): Open => {
  if (local === 'element') return { element: declare(reading, raw) };
  if (local !== 'complexType') return {};
  const type: ComplexType = { elements: [] };
  const element = reading.open.at(-1)?.element;
  if (raw.name !== undefined) reading.types.set(raw.name, type);
  else if (element !== undefined) element.own = type;
  return { type };
};

/** A group that repeats says nothing of its elements: schemas write it to leave their order open. */
const declare = (reading: Reading, raw: Raw): Declared | undefined => {
  const name = raw.name ?? localOf(raw.ref ?? '');
  reading.count += 1;
  if (name === '' || reading.count > MOST_DECLARED) return undefined;
  const element: Declared = {
    name,
    isMany: isOver(raw.maxOccurs),
    type: localOf(raw.type ?? ''),
    own: undefined,
  };
  const type = reading.open.findLast((one) => one.type !== undefined)?.type;
  (type?.elements ?? reading.roots).push(element);
  return element;
};

const isOver = (most: string | undefined): boolean => most === 'unbounded' || Number(most ?? 1) > 1;

/** Elements of a type that the notes name. */
const MOST_NAMED = 40;

/** Takes what the schema says over to the places of a document; gives notes of what the sample has not. */
export const applySchema = ({ root }: Shape, schema: Schema): readonly string[] => {
  const declared = schema.roots.find(({ name }) => name === root?.local);
  return root === undefined || declared === undefined ? [] : apply(root, declared, schema, `/${root.local}`);
};

const apply = (place: ElementPlace, declared: Declared, schema: Schema, path: string): readonly string[] => {
  if (declared.isMany) place.isMany = true;
  // Digits of a text are a text's, whatever the sample has.
  if (declared.type === 'string') place.text.kinds = [];
  const type = declared.own ?? schema.types.get(declared.type);
  const elements = type?.elements ?? [];
  const children = [...place.children.values()];
  const missing = elements.filter(({ name }) => !children.some(({ local }) => local === name));
  const named = missing.slice(0, MOST_NAMED).map(({ name }) => name);
  return [
    ...(missing.length === 0 || children.length === 0
      ? []
      : [
          `${path}: in the schema, and not in the sample: ${named.join(' ')}${missing.length > MOST_NAMED ? ' …' : ''}`,
        ]),
    ...children.flatMap((child) => {
      const of = elements.find(({ name }) => name === child.local);
      return of === undefined ? [] : apply(child, of, schema, `${path}/${child.local}`);
    }),
  ];
};
