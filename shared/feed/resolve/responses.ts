import type { Auth } from '../../source/auth/registry.ts';
import { takesPages } from '../../source/responses/match.ts';
import { consequenceOf } from '../../source/responses/registry.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { HttpDocument } from '../document/source.ts';
import type { Check } from './check.ts';
import { readAbsolutePath } from './paths.ts';

/** Whether each rule for answers says which it means, by paths that can be read, and what can become of them. */
export const checkResponses = (
  { responses = [] }: HttpDocument,
  auth: Auth,
  { namespaces = {} }: FeedDocument,
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
    if (path !== undefined) check.attempt([...at, 'path'], () => readAbsolutePath(path, namespaces));
    const why = consequenceOf(rule).refuse(auth);
    if (why !== undefined) check.refuse([...at, 'then'], why);
  }
};
