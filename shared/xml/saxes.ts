import { SaxesParser } from 'saxes';

/** The only file that imports saxes. All that is used of it is public, but for what it gathers. */

/** XML versions other than 1.0 are refused by our parser; forcing it keeps saxes from allowing control characters. */
const OPTIONS = { xmlns: false, position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' } as const;

export type Saxes = SaxesParser<typeof OPTIONS>;

/** A start tag as saxes gives it. */
export interface Tag {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly isSelfClosing: boolean;
}

const MARK = '\ufeff';

/** What is written before the document: saxes passes over a byte order mark. The decoder has taken the document's off, so that another is a character out of place. */
export const LEAD = MARK.length;

export const newSaxes = (): Saxes => {
  const saxes = new SaxesParser(OPTIONS);
  saxes.write(MARK);
  saxes.column = 0;
  return saxes;
};

/**
 * What saxes has gathered of a text, a value, a comment, a section, an instruction or a document type that goes on. It is private, and there
 * is no other way: saxes hands a text over when it ends, joins it of all its parts, each some 32 bytes until someone looks at it, and
 * has no limit. The access by its name is checked by the compiler, and its working by a test.
 */
// biome-ignore lint/complexity/useLiteralKeys: a private member can be read by this form alone.
export const gatheredBy = (saxes: Saxes): string => saxes['text'];

/** Gives what was gathered of a text, and lets saxes begin it anew. */
export const takeGathered = (saxes: Saxes): string => {
  const text = gatheredBy(saxes);
  // biome-ignore lint/complexity/useLiteralKeys: as above.
  saxes['text'] = '';
  return text;
};
