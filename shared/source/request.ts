import { InvalidInput } from '../errors.ts';
import type { HttpSource } from '../model/feed.ts';
import { secretOf } from './auth/registry.ts';
import { ownValue, type SliceValues, sliceVariables } from './slice-variables.ts';
import type { Variables } from './template.ts';
import { expandTemplate, parseTemplate, percentEncode } from './template.ts';

/** A slice's first request: the source's templates with the slice's values. */

export interface FirstRequest {
  readonly url: string;
  /** Of a POST; GET without it. */
  readonly body?: string;
  /** Name and value, without those of auth. */
  readonly headers: readonly (readonly [string, string])[];
}

export interface RequestInput extends SliceValues {
  /** Fields of the auth's secret, for `${secret.x}` in headers. */
  readonly secret?: Readonly<Record<string, string>> | undefined;
  /** The next page's token, for `${next.token}`; empty for the first page. */
  readonly token?: string | undefined;
}

const WHOLE_URI = '${partition.uri}';

/** Whether a URL begins with a link that the source lists: it is held to the trusted hosts when it is read, not here. */
export const isWholeUri = (url: string): boolean => url.startsWith(WHOLE_URI);

const requestVariables = (input: RequestInput): Variables => {
  const ofSlice = sliceVariables(input, { 'next.token': input.token ?? '' });
  return (name) =>
    name.startsWith('secret.') ? ownValue(input.secret ?? {}, name.slice('secret.'.length)) : ofSlice(name);
};

const expandUrl = (template: string, variables: Variables): string => {
  if (!isWholeUri(template)) return expandTemplate(parseTemplate(template), variables, 'url');
  const rest = expandTemplate(parseTemplate(template.slice(WHOLE_URI.length)), variables, 'url');
  return `${expandTemplate(parseTemplate(WHOLE_URI), variables, 'plain')}${rest}`;
};

/** The slice's first URL and headers. Throws InvalidInput when the feed's source is no http source or a variable has no value. */
export const buildFirstRequest = (input: RequestInput): FirstRequest => {
  const { source } = input.feed;
  if (source.kind !== 'http')
    throw new InvalidInput(`feed ${input.feed.feed}: got a source of kind ${source.kind}, allowed http`);
  const variables = requestVariables(input);
  const url = expandUrl(source.url, variables);
  const params = source.params.map(
    ([name, value]) => `${percentEncode(name)}=${expandTemplate(parseTemplate(value), variables, 'param')}`,
  );
  const joined = params.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${params.join('&')}`;
  const headers = source.headers.map(
    ([name, value]) => [name, expandTemplate(parseTemplate(value), variables, 'header')] as const,
  );
  const { body } = source;
  if (body === undefined) return { url: joined, headers };
  return { url: joined, headers, body: expandTemplate(parseTemplate(body), variables, 'body') };
};

/** Id of the secret that a source's headers read fields of; undefined where they read none. */
export const headerSecretOf = ({
  headers,
  auth,
}: Pick<HttpSource, 'headers' | 'auth'>): string | undefined =>
  headers.some(([, value]) => value.includes('${secret.')) ? secretOf(auth) : undefined;
