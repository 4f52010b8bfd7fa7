/** White space as XML has it: space, tab, carriage return and line feed. A no-break or ideographic space is text. */
const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 9 || code === 13;

/** The text without white space at its ends. */
export const trimSpace = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end - start === text.length ? text : text.slice(start, end);
};

/** Whether there is nothing but white space; the first other character ends the search. */
export const isOnlySpace = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    if (!isSpace(text.charCodeAt(at))) return false;
  }
  return true;
};
