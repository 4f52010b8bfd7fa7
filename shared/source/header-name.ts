import { textLike } from '../model/kit.ts';

/** A header's name: a token of RFC 9110, 5.6.2. */
export const headerName = textLike(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/,
  "a header's name: letters, digits and -",
);
