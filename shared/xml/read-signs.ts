import { SourceTruncated, TerminalError } from '../errors.ts';
import { newDecoder } from './decode.ts';
import { newReading, readWanted } from './document.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { toMatcher } from './matcher.ts';
import type { RowSink } from './row-sink.ts';

/** What an answer is that is no page: its beginning, and how to read it. */
export interface Beginning {
  readonly bytes: Uint8Array;
  /** Charset of the HTTP header. */
  readonly charset: string | undefined;
  /** Prefix to URI; `default` is that of unprefixed elements. */
  readonly namespaces: Readonly<Record<string, string>>;
}

const NO_SINK: RowSink = { row: () => undefined, reject: () => undefined, ready: () => undefined };

/**
 * The signs that stand in the beginning of an answer, by name, as far as it is XML. An answer that is none, or none as far as it came,
 * has no more signs than were found up to there.
 */
export const readSigns = (
  signs: Readonly<Record<string, string>>,
  { bytes, charset, namespaces }: Beginning,
): Readonly<Record<string, string>> => {
  const contract = { feed: '', hash: '', namespaces, tables: [] };
  const options = { contract, place: '', rowNumbers: { base: 0, used: [] }, signs };
  const matcher = toMatcher(contract, {}, signs);
  const { walk, write, parser } = newReading(matcher, DEFAULT_LIMITS, options, NO_SINK, () => undefined);
  try {
    const decoder = newDecoder({ name: '', charset, line: () => 1, warn: () => undefined });
    write(decoder.decode(bytes));
    write(decoder.end());
    parser.flush();
  } catch (error) {
    if (!(error instanceof TerminalError || error instanceof SourceTruncated)) throw error;
  }
  return readWanted(walk, signs);
};
