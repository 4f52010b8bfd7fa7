import { S3Client } from '@aws-sdk/client-s3';
import { ServiceRefused, ServiceUnavailable } from '../../../shared/errors.ts';
import { toCanonicalRequest } from '../../local/iam/canonical-request.ts';
import { ALGORITHM } from '../../local/iam/signature-claim.ts';
import { openSigner, sha256Hex } from '../../local/iam/signing-key.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';
import { regionOf } from './find-on-aws.ts';

/** A call of an AWS service that answers JSON: to a path, or by the name of its operation. */
export interface ServiceCall {
  /** The service's name in its address and in signatures. */
  readonly service: string;
  readonly path: string;
  /** Value of x-amz-target. @default - the path says it */
  readonly target?: string;
  readonly input: unknown;
}

/** Calls AWS as the command line's profile. Throws ServiceUnavailable, ServiceRefused. */
export type CallService = (call: ServiceCall) => Promise<unknown>;

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

interface Caller {
  readonly region: string;
  readonly keys: () => Promise<Keys>;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** @default fetch */
  readonly send?: (url: string, request: RequestInit) => Promise<Response>;
}

/** The credentials and the region that the SDK finds for --profile and --region. */
export const openCaller = async (
  args: VerbArguments,
  of: Pick<Caller, 'now' | 'signal'>,
): Promise<CallService> => {
  const [profile, region] = ['profile', 'region'].map((name) => firstValue(args, name));
  const { config } = new S3Client({
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  });
  return signedCalls({ ...of, region: await regionOf(config), keys: () => config.credentials() });
};

/** Signs by Signature Version 4, with the very steps by which the local cloud verifies it. */
export const signedCalls = ({ region, keys, now, signal, send = fetch }: Caller): CallService => {
  const host = (service: string): string =>
    `${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return async (call) => {
    const body = JSON.stringify(call.input);
    const headers = sign({ ...call, body, host: host(call.service), region }, await keys(), now());
    const url = `https://${host(call.service)}${call.path}`;
    const what = `${call.service} ${call.target ?? call.path}`;
    const response = await send(url, { method: 'POST', headers, body, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new ServiceUnavailable(`${what} cannot be reached: ${String(error)}`, { cause: error });
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const Refusal = response.status >= 500 || response.status === 429 ? ServiceUnavailable : ServiceRefused;
    throw new Refusal(`${what} answered ${response.status}: ${text.slice(0, 500)}`);
  };
};

interface Signing extends ServiceCall {
  readonly body: string;
  readonly host: string;
  readonly region: string;
}

const sign = ({ service, path, target, body, host, region }: Signing, keys: Keys, nowMs: number) => {
  const time = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const headers: Record<string, string> = {
    'content-type': target === undefined ? 'application/json' : 'application/x-amz-json-1.1',
    'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
    ...(target === undefined ? {} : { 'x-amz-target': target }),
  };
  const signed: Record<string, string> = { ...headers, host };
  const signedHeaders = Object.keys(signed).sort();
  const canonical = toCanonicalRequest({
    request: {
      method: 'POST',
      headersDistinct: Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, [value]])),
    },
    path,
    query: new URLSearchParams(),
    signedHeaders,
    payloadHash: sha256Hex(Buffer.from(body)),
    isPathEncodedOnce: false,
  });
  const scope = { date: time.slice(0, 8), region, service };
  const signature = openSigner({ scope, time }, keys.secretAccessKey).sign('', sha256Hex(canonical));
  const credential = `${keys.accessKeyId}/${scope.date}/${region}/${service}/aws4_request`;
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
};
