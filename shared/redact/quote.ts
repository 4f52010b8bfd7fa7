/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

const QUOTE_LENGTH = 300;

/** Text of a source as a message quotes it: redacted first, so that no half of a secret is left at the cut. */
export const quoteText = (text: string, redact: Redact): string => redact(text).trim().slice(0, QUOTE_LENGTH);

/** The same in one line. */
export const quoteLine = (text: string, redact: Redact): string =>
  quoteText(redact(text).replaceAll(/\s+/g, ' '), redact);
