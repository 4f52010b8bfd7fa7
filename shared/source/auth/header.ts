import * as z from 'zod';
import { map } from '../../model/kit.ts';
import { headerName } from '../header-name.ts';
import { authKind, given, never } from './kind.ts';
import { secretId } from './secret-fields.ts';

const schema = map({
  kind: z.literal('header'),
  secret: secretId('`value`'),
  name: headerName.describe("The header's name, as in X-Api-Key"),
});

/** A header of the source's own, as API keys mostly are. */
export const header = authKind({
  schema,
  says: 'Each request carries the value in the header `name`.',
  secretFields: ['value'],
  login: ({ auth: { name }, secret: { value = '' } }) => given([name.toLowerCase(), value]),
  asksForLogin: never,
});
