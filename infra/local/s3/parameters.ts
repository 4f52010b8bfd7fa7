import { S3Error } from './s3-error.ts';

/** Reads a number of a query. Throws S3Error InvalidArgument. */
export const numberParameter = (query: URLSearchParams, name: string, fallback: number): number => {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value <= 2 ** 31 - 1) return value;
  throw new S3Error('InvalidArgument', `${name} is ${text}, a number from 0 to 2147483647 is allowed`);
};

/** How a listing writes keys: as they are, or URL-encoded for `encoding-type=url`. Throws S3Error InvalidArgument. */
export const encoder = (query: URLSearchParams): ((text: string) => string) => {
  const type = query.get('encoding-type');
  if (type === null) return (text) => text;
  if (type !== 'url') throw new S3Error('InvalidArgument', `encoding-type is ${type}, only url is allowed`);
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
};

/** Decodes a path; it is not a form, so a plus in it is a plus. Throws S3Error InvalidURI. */
export const decodeUri = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', `could not parse the specified URI: ${text}`);
  }
};
