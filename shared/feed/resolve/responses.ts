import { InvalidInput } from '../../errors.ts';
import type { Path } from '../../model/path.ts';
import type { Auth } from '../../source/auth/registry.ts';
import { takesPages } from '../../source/responses/match.ts';
import { consequenceOf } from '../../source/responses/registry.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { HttpDocument } from '../document/source.ts';
import type { Check } from './check.ts';
import { covers, type Namespaces, readAbsolutePath } from './paths.ts';

/** Whether each rule for answers says which it means, by paths that can be read, and what can become of them. */
export const checkResponses = (
  { responses = [] }: HttpDocument,
  auth: Auth,
  doc: FeedDocument,
  check: Check,
): void => {
  for (const [index, rule] of responses.entries()) {
    const at = ['source', 'http', 'responses', index];
    const { status, path } = rule;
    if (status === undefined && path === undefined) {
      check.refuse(at, 'got neither status nor path, allowed one or both: what the answer has', 'key');
    } else if (takesPages(rule)) {
      check.refuse(
        [...at, 'status'],
        `got ${[status].flat().join(' ')}, which every page answers with, allowed with a path beside it`,
      );
    }
    if (path !== undefined) check.attempt([...at, 'path'], () => readSign(path, doc));
    const why = consequenceOf(rule).refuse(auth);
    if (why !== undefined) check.refuse([...at, 'then'], why);
  }
};

/** A path that every page with rows has would take them all for other answers. Throws InvalidInput. */
const readSign = (text: string, { namespaces = {}, tables }: FeedDocument): void => {
  const path = readAbsolutePath(text, namespaces);
  if (path.end.kind === 'attribute') return;
  const around = Object.values(tables)
    .map(({ rows }) => rows)
    .find((rows) => isCovered(rows, path, namespaces));
  if (around === undefined) return;
  throw new InvalidInput(
    `got '${text}', which pages with ${around} have, allowed what only other answers have`,
  );
};

/** Rows that cannot be read are told of where they stand. */
const isCovered = (rows: string, path: Path, namespaces: Namespaces): boolean => {
  try {
    const read = readAbsolutePath(rows, namespaces);
    return covers(path, read, namespaces);
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
};
