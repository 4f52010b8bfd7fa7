import { SourceRefused, SourceUnavailable, UntrustedHost } from '../../shared/errors.ts';
import type { IdleWatch } from './http-body.ts';
import { describeCertificate, isOfCertificate } from './http-certificate.ts';
import type { Transport } from './http-transport.ts';
import { type StrictRequest, strictFetch } from './strict-fetch.ts';

/** What carries the requests of one source. */
export interface Line {
  readonly watch: IdleWatch;
  readonly transport: Transport;
}

/** One request up to its headers. */
export const fetchOnce = async (
  url: URL,
  place: string,
  init: Omit<StrictRequest, 'signal' | 'agent'>,
  { watch, transport }: Line,
): Promise<Response> => {
  try {
    return await watch.run(() =>
      strictFetch(url, { ...init, agent: transport.agentFor(url), signal: watch.signal }),
    );
  } catch (error) {
    if (watch.signal.reason instanceof SourceUnavailable) {
      throw new SourceUnavailable(`no answer from ${place}: ${watch.signal.reason.message}`, {
        cause: error,
      });
    }
    watch.throwIfAborted();
    if (error instanceof UntrustedHost) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const text = cause instanceof Error ? cause.message : String(cause);
    if (isOfCertificate(code)) {
      throw new SourceRefused(describeCertificate(place, code, text), { cause: error });
    }
    throw new SourceUnavailable(`no answer from ${place}: ${describeCode(code, text)}`, { cause: error });
  }
};

/** What codes of the network mean, by the words that a system says them with. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  [
    'ENOTFOUND',
    'no server has this name: look for a mistake in the host of the feed’s or the connection’s url',
  ],
]);

const describeCode = (code: string, text: string): string => {
  const words = CODES.get(code);
  return words === undefined ? [code, text].join(' ').trim() : `${words} (${text || code})`;
};
