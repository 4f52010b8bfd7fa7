import type { Contract } from '../../model/contract.ts';
import { isCompressed } from '../decompress.ts';
import { newReading } from '../document.ts';
import { detectEncoding } from '../encoding.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { toMatcher } from '../matcher.ts';
import type { Walk } from '../walk.ts';

/** What every range of a document needs of it: all that its records inherit stands in the head, before the first of them. */
export interface Head {
  /** Offset of the first record's start tag. */
  readonly bytes: number;
  /** How many elements the head leaves open: ranges are cut between their children. */
  readonly depth: number;
  /** The first record's name as it is written: ranges are cut before tags of this name. */
  readonly tag: string;
}

/** Why a document is not read in ranges. */
export interface NotCut {
  readonly why: string;
}

/** Longest head: a first record that stands behind it is not looked for. */
export const MOST_HEAD_BYTES = 2 ** 20;

/**
 * Finds a document's head in its first bytes. What a record of it may depend on, besides the head and itself, is a reason against cutting.
 * An error is one too: whoever reads it from its start tells of it.
 */
export const findHead = (start: Buffer, contract: Contract, place: string): Head | NotCut => {
  if (isCompressed(start)) return { why: 'it is compressed' };
  if (hasAnyDepth(contract)) return { why: 'a path of the feed has //' };
  try {
    const found = detectEncoding(start.subarray(0, 1024), undefined, true, place);
    if (found?.encoding !== 'UTF-8') return { why: `its encoding is ${found?.encoding}, and not UTF-8` };
    if (found.warning !== undefined) return { why: found.warning };
    return readHead(start, contract, place);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
};

const hasAnyDepth = ({ tables }: Contract): boolean =>
  tables.some(
    ({ rows, columns }) =>
      rows.includes('//') ||
      columns.some(({ source }) => source.kind === 'path' && source.path.includes('//')),
  );

const NO_SINK = { row: () => undefined, reject: () => undefined, ready: () => undefined };

/** No start tag has a `<` in it, so that pieces cut at each of them hold it whole. */
const readHead = (start: Buffer, contract: Contract, place: string): Head | NotCut => {
  const options = { contract, place, rowNumbers: { base: 0, used: contract.tables.map(() => 0) } };
  const { walk, write, parser } = newReading(
    toMatcher(contract, {}),
    DEFAULT_LIMITS,
    options,
    NO_SINK,
    () => undefined,
  );
  const bom = start.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  for (let at = bom; at < start.length; ) {
    const next = start.indexOf('<', at + 1);
    // The last piece may end within a tag or a character.
    if (next < 0) break;
    write(start.toString('utf8', at, next));
    parser.flush();
    if (walk.document.isFrozen) {
      const depth = walk.recordDepth > 0 ? walk.recordDepth - 1 : walk.depth;
      const tag = /^<([^\s/>]+)/.exec(start.toString('utf8', at, next))?.[1] ?? '';
      return findBond(walk, depth) ?? { bytes: at, depth, tag };
    }
    at = next;
  }
  return { why: `no record begins in its first ${start.length} bytes` };
};

/** What ties a record to those before it, or to the end of an element around it. */
const findBond = (walk: Walk, depth: number): NotCut | undefined => {
  const states = walk.frames.slice(0, depth + 1).map(({ state }) => state);
  const takes = states.some(
    ({ values, texts, captures, subtrees, pairs, late, takesAllText }) =>
      takesAllText || [values, texts, captures, subtrees, pairs, late].some(({ length }) => length > 0),
  );
  if (takes || walk.allText.length > 0)
    return { why: 'a path of the feed reads the text of an element around the records' };
  const isCounted = states
    .at(-1)
    ?.nodes.some(({ children }) =>
      children.some(({ checks }) => checks.some(({ kind }) => kind === 'position')),
    );
  return isCounted === true ? { why: 'a path of the feed counts elements beside the records' } : undefined;
};
