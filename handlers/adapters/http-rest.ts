import { SourceTruncated } from '../../shared/errors.ts';
import type { Rest } from '../ports/source.ts';

/** The rest of a body that broke off: RFC 9110, 13.1.5 (If-Range), 14.2 (Range) and 14.4 (Content-Range). */

/** As it is: a coding's bytes cannot be continued in its text. */
export const toRangeHeaders = ({ offset, etag }: Rest): readonly (readonly [string, string])[] => [
  ['range', `bytes=${offset}-`],
  ['if-range', etag],
  ['accept-encoding', 'identity'],
];

/** Throws SourceTruncated where an answer of 206 is not the rest that was asked for. */
export const assertRest = ({ headers }: Response, { offset, etag }: Rest, place: string): void => {
  const range = headers.get('content-range') ?? 'none';
  const given = headers.get('etag') ?? etag;
  const coding = headers.get('content-encoding');
  const [, from, to, size] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(range) ?? [];
  const isRest = Number(from) === offset && Number(to) + 1 === Number(size);
  if (isRest && given === etag && coding === null) return;
  throw new SourceTruncated(
    `${place} answered 206 with content-range ${range.slice(0, 80)}, etag ${given.slice(0, 80)} and content-encoding ${(coding ?? 'none').slice(0, 80)}; allowed is the rest from byte ${offset} on of ${etag}`,
  );
};

const STRONG_TAG = /^"[\x21\x23-\x7e]{0,256}"$/;

/** The tag that tells whether an answer's body is still the same bytes; undefined where its rest cannot be asked for. */
export const toRestTag = (header: (name: string) => string | undefined): string | undefined => {
  const etag = header('etag');
  const isCoded = header('content-encoding') !== undefined;
  return header('accept-ranges') === 'bytes' && !isCoded && etag !== undefined && STRONG_TAG.test(etag)
    ? etag
    : undefined;
};
