import { SourceRefused, XmlLimitExceeded, XmlMalformed } from '../errors.ts';
import { trimSpace } from '../values/space.ts';
import { type Attributes, isNil, NO_ATTRIBUTES, readAttributes, resolveName } from '../xml/attributes.ts';
import { LONGEST_PIECE } from '../xml/copy.ts';
import { newDecoder } from '../xml/decode.ts';
import { decompress } from '../xml/decompress.ts';
import { explainStart } from '../xml/document.ts';
import { DEFAULT_LIMITS } from '../xml/limits.ts';
import { ROOT_SCOPE, type Scope, splitName } from '../xml/names.ts';
import { HARD } from '../xml/plain/scanning.ts';
import { newTokenizer } from '../xml/tokenizer.ts';
import { toRaw } from '../xml/written.ts';
import { INFER_LIMITS, type InferLimits, MOST_LOOKED_AT } from './limits.ts';
import { markupBytes, scopeBytes, tagBytes } from './markup.ts';
import { isPagingName } from './paging-names.ts';
import { attributeOf, type ElementPlace, newShape, placeBelow, type Shape } from './shape.ts';
import { addInParent, addValue, noteSole } from './values.ts';

export interface ReadShapeOptions {
  /** What error messages start with. */
  readonly place: string;
  /** Charset of the HTTP header. */
  readonly charset?: string | undefined;
  /** @default INFER_LIMITS */
  readonly limits?: InferLimits;
}

/**
 * Reads a document once, compressed or not, into the summary of its paths. Throws as parseDocument does where it is broken; an error of
 * `chunks` passes through.
 */
export const readShape = async (
  chunks: AsyncIterable<Uint8Array>,
  { place, charset, limits = INFER_LIMITS }: ReadShapeOptions,
): Promise<Shape> => {
  const shape = newShape(limits);
  const warn = (what: string): void => void shape.warnings.add(what);
  const walk: Walk = { shape, frames: [], serial: 0, refuse: () => undefined as never };
  const parser = newTokenizer(place, DEFAULT_LIMITS, {
    open: (name, raw) => open(walk, name, raw),
    openPlain: (name, written) => open(walk, name, toRaw(written)),
    text: (text) => addText(walk, text),
    close: () => close(walk),
    record: () => HARD,
    warn,
  });
  walk.refuse = parser.refuse;
  shape.line = () => parser.position().line;
  const line = (): number => {
    parser.flush();
    return parser.position().line;
  };
  const decoder = newDecoder({ name: place, charset, line, warn });
  let head = '';
  const write = (piece: string | Buffer): void => {
    if (head.length < MOST_HEAD)
      head += (typeof piece === 'string' ? piece : piece.toString('utf8', 0, 4 * MOST_HEAD)).slice(
        0,
        MOST_HEAD,
      );
    try {
      parser.write(piece);
    } catch (error) {
      if (!(error instanceof XmlMalformed) || parser.hasRoot()) throw error;
      throw explainStart(error, head, place);
    }
  };
  for await (const chunk of decompress(chunks, place, DEFAULT_LIMITS)) {
    shape.bytes += chunk.length;
    for (let at = 0; at < chunk.length; at += LONGEST_PIECE)
      write(decoder.take(chunk.subarray(at, at + LONGEST_PIECE)));
  }
  write(decoder.end());
  parser.end();
  return shape;
};

/** Characters of the start that tell what a document is that is no XML. */
const MOST_HEAD = 512;

/** An open element. */
interface Frame {
  readonly place: ElementPlace | undefined;
  readonly serial: number;
  readonly scope: Scope;
  readonly scopeBytes: number;
  readonly isNil: boolean;
  hasElements: boolean;
  /** Own text since the last tag, as far as it is looked at, and its bytes in all. */
  text: string;
  textBytes: number;
  isCut: boolean;
  /** Own texts that are more than white space, joined. */
  ownBytes: number;
  allTextBytes: number;
  markup: number;
}

interface Walk {
  readonly shape: Shape;
  readonly frames: Frame[];
  serial: number;
  refuse: (kind: new (message: string) => Error, what: string) => never;
}

type Raw = Readonly<Record<string, string>> | undefined;

const open = (walk: Walk, raw: string, rawAttributes: Raw): boolean => {
  const { shape, frames } = walk;
  const up = frames.at(-1);
  const refuse = (what: string): never => walk.refuse(XmlMalformed, what);
  const around = up?.scope ?? ROOT_SCOPE;
  const attributes =
    rawAttributes === undefined
      ? { ...NO_ATTRIBUTES, scope: around }
      : readAttributes(rawAttributes, around, refuse);
  const name = {
    ...resolveName(raw, attributes.scope, 'element', refuse),
    prefix: splitName(raw)?.prefix ?? '',
  };
  checkElement(walk, name.local, attributes);
  shape.elements += 1;
  walk.serial += 1;
  if (up !== undefined) {
    endText(up);
    up.hasElements = true;
  }
  const isInside = up === undefined || (up.place !== undefined && !up.place.isFolded);
  const place = isInside ? placeBelow(shape, up?.place, name) : undefined;
  if (place !== undefined) {
    countIn(place, up?.serial ?? 0);
    putAttributes(walk, place, attributes, rawAttributes, up?.serial ?? 0);
  } else if (isInside && up?.place !== undefined) up.place.beyond += 1;
  const isNilled = rawAttributes !== undefined && isNil(attributes);
  const markup = tagBytes(raw, rawAttributes);
  frames.push(newFrame(place, walk.serial, attributes.scope, { isNil: isNilled, markup }, up));
  return true;
};

const checkElement = ({ frames, refuse }: Walk, local: string, { scope }: Attributes): void => {
  const { depth, namespaceCount } = DEFAULT_LIMITS;
  if (frames.length >= depth) refuse(XmlLimitExceeded, `elements are over depth, ${depth} levels`);
  if (scope.count > namespaceCount)
    refuse(XmlLimitExceeded, `namespaces in scope are over namespaceCount, ${namespaceCount}`);
  if (frames.length === 0 && local.toLowerCase() === 'html')
    refuse(SourceRefused, `root is <${local}>: an HTML page, perhaps to log in`);
};

const newFrame = (
  place: ElementPlace | undefined,
  serial: number,
  scope: Scope,
  tag: Pick<Frame, 'isNil' | 'markup'>,
  up: Frame | undefined,
): Frame => ({
  place,
  serial,
  scope,
  scopeBytes: scope === up?.scope ? up.scopeBytes : scopeBytes(scope),
  ...tag,
  hasElements: false,
  text: '',
  textBytes: 0,
  isCut: false,
  ownBytes: 0,
  allTextBytes: 0,
});

const countIn = (place: ElementPlace, parent: number): void => {
  place.count += 1;
  if (place.runOf !== parent) place.run = 0;
  place.runOf = parent;
  place.run += 1;
  place.mostInParent = Math.max(place.mostInParent, place.run);
};

const putAttributes = (
  { shape }: Walk,
  place: ElementPlace,
  { list }: Attributes,
  raw: Raw,
  parent: number,
): void => {
  if (list.length === 0) return;
  const prefixes = Object.keys(raw ?? {}).filter((name) => name !== 'xmlns' && !name.startsWith('xmlns:'));
  for (const [index, { uri, local, value }] of list.entries()) {
    const prefix = splitName(prefixes[index] ?? '')?.prefix ?? '';
    const attribute = attributeOf(shape, place, { uri, local, prefix });
    if (attribute === undefined) continue;
    attribute.count += 1;
    addLong(shape, attribute.values, value);
    if (isPagingName(local, place.local)) noteSole(attribute.values, value);
    if (isKeyName(local)) addInParent(attribute.values, value, parent, shape.limits.keysOfOne);
  }
};

const addLong = (shape: Shape, values: ElementPlace['text'], value: string): void =>
  addValue(
    shape.pool,
    values,
    value.slice(0, MOST_LOOKED_AT),
    shape.line,
    value.length > MOST_LOOKED_AT ? Buffer.byteLength(value) : undefined,
  );

/** What the key of a key and value pair is called. */
export const isKeyName = (local: string): boolean => /^(?:key|name|lang)$/i.test(local);

const addText = ({ frames }: Walk, text: string): void => {
  const frame = frames.at(-1);
  if (frame === undefined) return;
  const room = MOST_LOOKED_AT - frame.text.length;
  if (room > 0) frame.text += room >= text.length ? text : text.slice(0, room);
  if (room < text.length) frame.isCut = true;
  const bytes = Buffer.byteLength(text);
  frame.textBytes += bytes;
  frame.allTextBytes += bytes;
  frame.markup += markupBytes(text);
};

/** A text node ends where a tag begins. */
const endText = (frame: Frame): void => {
  if (frame.isCut || trimSpace(frame.text) !== '') frame.ownBytes += frame.textBytes + 1;
  frame.text = '';
  frame.textBytes = 0;
  frame.isCut = false;
};

const close = ({ shape, frames }: Walk): boolean => {
  const frame = frames.pop();
  if (frame === undefined) return true;
  const up = frames.at(-1);
  const { place } = frame;
  if (place !== undefined && !frame.hasElements) putText(shape, place, frame, frames.at(-2)?.serial ?? 0);
  if (frame.hasElements) endText(frame);
  if (place !== undefined) {
    if (frame.isNil) place.nils += 1;
    if (frame.hasElements) place.parents += 1;
    if (frame.hasElements && frame.ownBytes > 0) place.mixed += 1;
    place.mostOwnBytes = Math.max(place.mostOwnBytes, frame.ownBytes);
    place.mostTextBytes = Math.max(place.mostTextBytes, frame.allTextBytes);
    place.mostMarkupBytes = Math.max(place.mostMarkupBytes, frame.markup + frame.scopeBytes);
  }
  if (up !== undefined) {
    up.markup += frame.markup;
    up.allTextBytes += frame.allTextBytes;
  }
  return true;
};

/** `around` is the element that has the parent: there, keys of the parent's siblings are held against each other. */
const putText = (shape: Shape, place: ElementPlace, frame: Frame, around: number): void => {
  if (frame.isNil) return;
  addValue(shape.pool, place.text, frame.text, shape.line, frame.isCut ? frame.textBytes : undefined);
  if (isPagingName(place.local)) noteSole(place.text, frame.text);
  frame.ownBytes = frame.textBytes;
  if (isKeyName(place.local)) addInParent(place.text, frame.text, around, shape.limits.keysOfOne);
};
