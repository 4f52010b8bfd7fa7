import * as z from 'zod';
import { map } from '../../model/kit.ts';
import { authKind, given, never } from './kind.ts';
import { basicOf, secretId } from './secret-fields.ts';

const schema = map({ kind: z.literal('basic'), secret: secretId('`username` and `password`') });

/** HTTP Basic (RFC 7617), with the first request already. */
export const basic = authKind({
  schema,
  says: 'Each request carries user and password in `Authorization: Basic`.',
  secretFields: ['username', 'password'],
  login: ({ secret }) => given(['authorization', basicOf(secret)]),
  asksForLogin: never,
});
