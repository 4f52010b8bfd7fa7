import { quoteLine, type Redact } from '../../shared/redact/quote.ts';

/** How much of a page is read. */
const PAGE_BYTES = 64 * 1024;

/** The beginning of a page that is no data, as far as it came: the status is the news. */
export const readStart = async (response: Response): Promise<string> =>
  Buffer.from(await readStartBytes(response)).toString('utf8');

/** The same, as its bytes. */
export const readStartBytes = async (response: Response): Promise<Uint8Array<ArrayBuffer>> => {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (bytes < PAGE_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      chunks.push(value);
    }
    await reader.cancel();
  } catch {
    // A page that breaks off is quoted as far as it came.
  }
  return new Uint8Array(Buffer.concat(chunks).subarray(0, PAGE_BYTES));
};

/** What a page says in one line, without its markup. */
export const quotePageText = (page: string, redact: Redact): string =>
  quoteLine(withoutMarkup(redact(page)), redact);

/** The same as it follows what is told of the page; empty where it says nothing. */
export const quotePage = (page: string, redact: Redact): string => {
  const text = quotePageText(page, redact);
  return text === '' ? '' : `: ${text}`;
};

/** Elements whose content nobody reads. */
const UNREAD = ['script', 'style'] as const;

/**
 * The text between tags, in one pass: pages are as hostile as they like, and a regular expression looks from each `<` to the
 * page's end. A tag that does not end is text.
 */
const withoutMarkup = (page: string): string => {
  const texts: string[] = [];
  for (let at = 0; at < page.length; ) {
    const open = page.indexOf('<', at);
    const close = open < 0 ? -1 : page.indexOf('>', open);
    if (close < 0) {
      texts.push(page.slice(at));
      break;
    }
    texts.push(page.slice(at, open));
    const unread = UNREAD.find((name) => isTag(page, open + 1, name));
    at = unread === undefined ? close + 1 : skipTo(unread, page, close + 1);
  }
  return texts.join(' ');
};

const isTag = (page: string, at: number, name: string): boolean =>
  page.slice(at, at + name.length).toLowerCase() === name && !/\w/.test(page.charAt(at + name.length));

/** Behind the end tag of that name, or the page's end. */
const skipTo = (name: string, page: string, from: number): number => {
  for (let at = page.indexOf('</', from); at >= 0; at = page.indexOf('</', at + 2)) {
    if (!isTag(page, at + 2, name)) continue;
    const close = page.indexOf('>', at);
    return close < 0 ? page.length : close + 1;
  }
  return page.length;
};
