import * as z from 'zod';
import { map } from '../../model/kit.ts';
import { authKind, given, never } from './kind.ts';
import { secretId } from './secret-fields.ts';

const schema = map({ kind: z.literal('bearer'), secret: secretId('`token`') });

/** A token that somebody else keeps fresh (RFC 6750). */
export const bearer = authKind({
  schema,
  says: 'Each request carries a token in `Authorization: Bearer`.',
  secretFields: ['token'],
  login: ({ secret: { token = '' } }) => given(['authorization', `Bearer ${token}`]),
  asksForLogin: never,
});
