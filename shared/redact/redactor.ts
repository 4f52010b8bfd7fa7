import { fold, type Needle, needlesOf } from './needles.ts';
import { type Layer, plainLayer, unescapeLayer } from './unescape.ts';

/** Takes the secrets that it has learnt out of texts, by their values: whoever wrote a text, and whatever it quotes. */
export interface Redactor {
  /** From now on hides each field of this secret, and the Basic header of its `username` and `password`. */
  learn(id: string, fields: Readonly<Record<string, string>>): void;
  /** The text with `***` for each secret in it; one that is longer than a message may be is cut. */
  redact(text: string): string;
  /** Whether a text holds a secret that `known` does not hold; the name of a user is none. */
  reveals(text: string, known: string): boolean;
}

const HIDDEN = '***';

/** Readings of one text that are tried: JSON in JSON in a query on a page is the twentieth or so. */
const MOST_LAYERS = 32;
/** Longest text that is looked through; Step Functions keeps half as much of a cause. */
export const LONGEST_TEXT = 64 * 1024;
/** The beginning of an escape, and the most that it has. */
const HALF_ESCAPE =
  /(?:(?:%[0-9a-f]{2}){0,3}(?:%[0-9a-f]?)?|&#?[0-9a-z]{0,7}|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?)$/i;
const LONGEST_HALF = 11;
/** Places where a text was cut that are looked at, from its end. */
const MOST_CUTS = 64;

/** A redactor that knows no secret yet. It keeps those of each id that were learnt last. */
export const newRedactor = (): Redactor => {
  const bySecret = new Map<string, readonly Needle[]>();
  let needles: readonly Needle[] = [];
  return {
    learn: (id, fields) => {
      bySecret.set(id, needlesOf(fields));
      needles = [...bySecret.values()].flat();
    },
    redact: (text) => {
      const bounded = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
      if (needles.length === 0) return bounded;
      const ranges = readLayers(bounded).flatMap((layer) => [
        ...findWhole(layer, needles),
        ...findCut(layer, needles),
      ]);
      return cover(bounded, ranges);
    },
    reveals: (text, known) => {
      const layers = readLayers(text.slice(0, LONGEST_TEXT));
      const knownLayers = readLayers(known);
      return needles.some(
        ({ text: needle, isName }) => !isName && isIn(layers, needle) && !isIn(knownLayers, needle),
      );
    },
  };
};

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The text as it stands and with ever more escapes taken off, in whatever order, each folded. */
const readLayers = (text: string): readonly Layer[] => {
  const layers = [plainLayer(text)];
  const known = new Set([text]);
  for (let next = 0; next < layers.length; next++) {
    for (const below of unescapeLayer(layers[next] ?? plainLayer(''))) {
      if (known.has(below.text) || layers.length >= MOST_LAYERS) continue;
      known.add(below.text);
      layers.push(below);
    }
  }
  return layers.map((layer) => ({ ...layer, text: fold(layer.text) }));
};

const isIn = (layers: readonly Layer[], needle: string): boolean =>
  layers.some(({ text }) => text.includes(needle));

/** Where a stretch of a layer stands in the first text. */
const rangeOf = ({ text, starts }: Layer, from: number, to: number): Range => ({
  from: starts[Math.max(0, from)] ?? 0,
  to: starts[Math.min(text.length, to)] ?? 0,
});

const findWhole = (layer: Layer, needles: readonly Needle[]): readonly Range[] => {
  const found: Range[] = [];
  for (const { text, before, behind } of needles) {
    for (let at = layer.text.indexOf(text); at >= 0; at = layer.text.indexOf(text, at + 1)) {
      found.push(rangeOf(layer, at - before, at + text.length + behind));
    }
  }
  return found;
};

/** A secret that goes on where its quotation was cut: it begins somewhere before the cut, and ends there. */
const findCut = (layer: Layer, needles: readonly Needle[]): readonly Range[] =>
  cutsOf(layer.text).flatMap(({ at, end }) =>
    needles.flatMap(({ text, before }) => {
      const length = longestStart(layer.text, at, text);
      return length === 0 ? [] : [rangeOf(layer, at - length - before, end)];
    }),
  );

/** Where whole characters end before a cut, and the cut itself: half an escape may stand between. */
interface Cut {
  readonly at: number;
  readonly end: number;
}

/** Messages cut what they quote before … or a quotation mark, and are cut themselves at their end. */
const cutsOf = (text: string): readonly Cut[] => {
  const ends = [text.length];
  for (let at = text.length - 1; at >= 0 && ends.length < MOST_CUTS; at--) {
    const character = text.charAt(at);
    if (character === '…' || character === '"') ends.push(at);
  }
  return ends.flatMap((end) => [{ at: end, end }, ...halfEscapes(text, end)]);
};

const halfEscapes = (text: string, end: number): readonly Cut[] => {
  const half = HALF_ESCAPE.exec(text.slice(Math.max(0, end - LONGEST_HALF), end))?.[0];
  return half === undefined || half === '' ? [] : [{ at: end - half.length, end }];
};

/** How much of a needle's start ends at a cut; starts that words have in common with it count for nothing. */
const longestStart = (text: string, cut: number, needle: string): number => {
  const least = needle.length < 8 ? 3 : 4;
  for (let length = Math.min(needle.length - 1, cut); length >= least; length--) {
    if (text.startsWith(needle.slice(0, length), cut - length)) return length;
  }
  return 0;
};

const cover = (text: string, ranges: readonly Range[]): string => {
  let covered = '';
  let done = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (to <= done) continue;
    if (from > done || done === 0) covered += `${text.slice(done, from)}${HIDDEN}`;
    done = to;
  }
  return covered + text.slice(done);
};
