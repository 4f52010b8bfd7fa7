import { readFileSync } from 'node:fs';
import { InvalidInput } from '../shared/errors.ts';
import { describeIssues } from '../shared/model/describe-issues.ts';
import { type FeedsFile, feedsFile } from '../shared/model/feed.ts';

/**
 * Reads feeds.json, which synthesis puts beside the bundle, at a handler's module top: a wrong file fails the cold
 * start. Throws InvalidInput with the field.
 */
export const readFeedsFile = (url = new URL('./feeds.json', import.meta.url)): FeedsFile => {
  const parsed = feedsFile.safeParse(JSON.parse(readFileSync(url, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`feeds.json ${describeIssues(parsed.error)}`);
};
