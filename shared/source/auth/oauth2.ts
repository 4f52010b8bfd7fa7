import * as z from 'zod';
import { SourceRefused, SourceUnavailable } from '../../errors.ts';
import { map, text } from '../../model/kit.ts';
import { type Answer, authKind, type Conversation, isAway, type LoginInput, quote } from './kind.ts';
import { basicOf, secretId } from './secret-fields.ts';

const schema = map({
  kind: z.literal('oauth2'),
  secret: secretId('`clientId` and `clientSecret`'),
  tokenUrl: text.describe('https://… that gives tokens'),
  scope: text.optional().describe('What the token is asked for; optional'),
});
type OAuth2 = z.infer<typeof schema>;

/** A token is not used in its last seconds: it would end on the way. */
const MARGIN_MS = 30_000;

const token = z.object({
  access_token: z.string().min(1),
  token_type: z.string().optional(),
  expires_in: z.coerce.number().positive().optional(),
});

/** Client credentials (RFC 6749, 4.4): a token from a server of tokens, and a new one when it ends. */
export const oauth2 = authKind({
  schema,
  says: 'A token by client credentials from `tokenUrl`, asked for again when it ends.',
  urls: ['tokenUrl'],
  secretFields: ['clientId', 'clientSecret'],
  login: askForToken,
  asksForLogin: ({ status }) => status === 401,
});

function* askForToken({ auth, secret }: LoginInput<OAuth2>): Conversation {
  const { clientId = '', clientSecret = '' } = secret;
  const answer = yield {
    method: 'POST',
    url: auth.tokenUrl,
    headers: [
      // RFC 6749, 2.3.1: every server of tokens takes this; both parts are form-encoded before.
      ['authorization', basicOf({ username: formEncode(clientId), password: formEncode(clientSecret) })],
      ['content-type', 'application/x-www-form-urlencoded'],
      ['accept', 'application/json'],
    ],
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(auth.scope === undefined ? {} : { scope: auth.scope }),
    }).toString(),
  };
  const { access_token, expires_in } = readToken(auth, answer);
  const headers = [['authorization', `Bearer ${access_token}`]] as const;
  if (expires_in === undefined) return { headers };
  return { headers, lifetimeMs: Math.max(0, expires_in * 1000 - MARGIN_MS) };
}

const formEncode = (part: string): string => new URLSearchParams([['', part]]).toString().slice(1);

const readToken = ({ tokenUrl, secret }: OAuth2, { status, body }: Answer): z.infer<typeof token> => {
  const who = `${tokenUrl} answered ${status} for the client of secret ${JSON.stringify(secret)}`;
  if (isAway(status)) throw new SourceUnavailable(who);
  const parsed = token.safeParse(readJson(body));
  if (status !== 200) throw new SourceRefused(`${who}${whyOf(body)}, allowed 200 with a token`);
  if (!parsed.success) throw new SourceRefused(`${who} without access_token, allowed JSON that has one`);
  const { token_type: type = 'bearer' } = parsed.data;
  if (type.toLowerCase() !== 'bearer') {
    throw new SourceRefused(`${who} with a token of type ${quote(type)}, allowed bearer`);
  }
  return parsed.data;
};

/** `error` and `error_description` of RFC 6749, 5.2. */
const whyOf = (body: string): string => {
  const failure = z
    .object({ error: z.string(), error_description: z.string().optional() })
    .safeParse(readJson(body));
  if (!failure.success) return '';
  const { error, error_description: description } = failure.data;
  return `: ${quote(error)}${description === undefined ? '' : `, ${quote(description)}`}`;
};

const readJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
