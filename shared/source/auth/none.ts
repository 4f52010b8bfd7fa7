import * as z from 'zod';
import { map } from '../../model/kit.ts';
import { authKind, given, never } from './kind.ts';

const schema = map({ kind: z.literal('none') });

/** Nobody in particular asks. */
export const none = authKind({
  schema,
  says: 'Requests carry nothing. The default.',
  secretFields: [],
  login: () => given(),
  asksForLogin: never,
});
