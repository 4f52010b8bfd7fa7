import type { Node, Pair, YAMLError } from 'yaml';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** YAML text as a plain value that remembers where everything stood. The one file that imports the YAML parser. */

/** Something wrong in a file, for people: lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`. */
export const printProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;

export type KeyPath = readonly (string | number)[];

export interface YamlSource {
  /** Maps, lists, text, numbers, booleans and null. */
  readonly value: unknown;
  /** A problem with the value at a path, or with its key; at the nearest place above when there is none. */
  problem(path: KeyPath, message: string, at?: 'key' | 'value'): Problem;
}

export type YamlResult =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Place {
  readonly key: number;
  readonly value: number;
}

/** What one reading gathers: the places by their path as JSON, and the problems by their offset. */
interface Reading {
  readonly isText: (path: KeyPath) => boolean;
  readonly places: Map<string, Place>;
  readonly problems: { readonly offset: number; readonly message: string }[];
}

const offsetOf = (node: unknown, otherwise: number): number => {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === 'number' ? start : otherwise;
};

const scalarValue = (reading: Reading, node: Node, path: KeyPath): unknown => {
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  const isNumberOrBoolean =
    typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  if (isNumberOrBoolean && source !== undefined && reading.isText(path)) return source;
  return typeof value === 'bigint' ? Number(value) : value;
};

const keyText = (key: unknown): string | undefined => {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
};

const readPair = (
  reading: Reading,
  pair: Pair,
  path: KeyPath,
  seen: Set<string>,
): [string, unknown] | undefined => {
  const offset = offsetOf(pair.key, 0);
  const key = keyText(pair.key);
  if (key === undefined || seen.has(key)) {
    const message = key === undefined ? 'got a key that is no text, allowed text' : `duplicate key '${key}'`;
    reading.problems.push({ offset, message });
    return undefined;
  }
  seen.add(key);
  const inner = [...path, key];
  reading.places.set(JSON.stringify(inner), { key: offset, value: offsetOf(pair.value, offset) });
  return [key, readNode(reading, pair.value, inner)];
};

const readNode = (reading: Reading, node: unknown, path: KeyPath): unknown => {
  if (isAlias(node)) {
    reading.problems.push({
      offset: offsetOf(node, 0),
      message: `got the alias '*${node.source}', allowed values written out`,
    });
    return undefined;
  }
  if (isMap(node)) {
    const seen = new Set<string>();
    const entries = node.items.flatMap((pair) => {
      const entry = isPair(pair) ? readPair(reading, pair, path, seen) : undefined;
      return entry === undefined ? [] : [entry];
    });
    return Object.fromEntries(entries);
  }
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const inner = [...path, index];
      const offset = offsetOf(item, offsetOf(node, 0));
      reading.places.set(JSON.stringify(inner), { key: offset, value: offset });
      return readNode(reading, item, inner);
    });
  }
  return isScalar(node) ? scalarValue(reading, node, path) : null;
};

const explain = (error: YAMLError): string => {
  const message = error.message.split('\n')[0] ?? error.message;
  if (error.code === 'TAB_AS_INDENT') return 'got a tab as indentation, allowed spaces';
  if (error.code === 'MULTIPLE_DOCS') return 'got a second document, allowed one a file';
  return `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`;
};

/** One slip makes a parser stumble over all that follows; the first few say enough. */
const MOST_TOLD = 3;

/** What is wrong with a text that is no YAML, by offset; one problem where the first is that of a variable without quotes. */
const explainFaults = (text: string, faults: readonly YAMLError[]): Reading['problems'] => {
  const first = faults[0]?.pos[0] ?? 0;
  // In a flow map or list the brace of `${` opens a map, which is where the parser stumbles; elsewhere it is text.
  if (first > 0 && text.slice(first - 1, first + 1) === '${') {
    const message = `not YAML: \${…} stands unquoted, allowed in quotes, as in "\${window.from}"`;
    return [{ offset: first - 1, message }];
  }
  const left = faults.length - MOST_TOLD;
  return faults.slice(0, MOST_TOLD).map((error, index) => {
    const isLast = left > 0 && index === MOST_TOLD - 1;
    return { offset: error.pos[0], message: `${explain(error)}${isLast ? `, and ${left} more` : ''}` };
  });
};

/** The longest part of the path that has a place; a missing key is a problem of the map that lacks it. */
const locate = (places: ReadonlyMap<string, Place>, path: KeyPath, at: 'key' | 'value'): number => {
  const exact = places.get(JSON.stringify(path));
  if (exact !== undefined) return exact[at];
  for (let length = path.length - 1; length > 0; length -= 1) {
    const place = places.get(JSON.stringify(path.slice(0, length)));
    if (place !== undefined) return place.key;
  }
  return 0;
};

/**
 * Reads YAML 1.2 (core schema). Unquoted numbers and booleans at paths that `isText` keep their source text. Aliases,
 * duplicate keys, unknown tags and several documents are problems.
 */
export const readYaml = (text: string, file: string, isText: (path: KeyPath) => boolean): YamlResult => {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
  });
  const toProblem = (offset: number, message: string): Problem => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  const faults = [...document.errors, ...document.warnings];
  const reading: Reading = { isText, places: new Map(), problems: explainFaults(text, faults) };
  const value = faults.length > 0 ? undefined : readNode(reading, document.contents, []);
  if (reading.problems.length > 0) {
    return { ok: false, problems: reading.problems.map(({ offset, message }) => toProblem(offset, message)) };
  }
  const { places } = reading;
  return {
    ok: true,
    source: { value, problem: (path, message, at = 'value') => toProblem(locate(places, path, at), message) },
  };
};
