import { percentEncode } from '../template.ts';

/** A URL's query as sources read it: what stands there stays as it is written. */

const split = (url: string): readonly [path: string, pairs: readonly string[]] => {
  const mark = url.indexOf('?');
  if (mark < 0) return [url, []];
  return [
    url.slice(0, mark),
    url
      .slice(mark + 1)
      .split('&')
      .filter((pair) => pair !== ''),
  ];
};

const join = (path: string, pairs: readonly string[]): string =>
  pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;

const nameOf = (pair: string): string =>
  decode(pair.slice(0, pair.indexOf('=') < 0 ? undefined : pair.indexOf('=')));

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** A parameter's first value; undefined where there is none. */
export const readParam = (url: string, name: string): string | undefined => {
  const pair = split(url)[1].find((one) => nameOf(one) === name);
  return pair === undefined ? undefined : decode(pair.slice(pair.indexOf('=') + 1));
};

/** The URL with one parameter of that name, where the first of them stood, else at the end. */
export const setParam = (url: string, name: string, value: string): string => {
  const [path, pairs] = split(url);
  const pair = `${percentEncode(name)}=${percentEncode(value)}`;
  const at = pairs.findIndex((one) => nameOf(one) === name);
  if (at < 0) return join(path, [...pairs, pair]);
  return join(
    path,
    pairs.flatMap((one, index) => (index === at ? [pair] : nameOf(one) === name ? [] : [one])),
  );
};

/** The URL with these parameters alone. */
export const keepParams = (url: string, names: readonly string[]): string => {
  const [path, pairs] = split(url);
  return join(
    path,
    pairs.filter((pair) => names.includes(nameOf(pair))),
  );
};
