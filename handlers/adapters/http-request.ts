import { SourceRefused, SourceUnavailable } from '../../shared/errors.ts';
import type { IdleWatch } from './http-body.ts';
import { describeCertificate, isOfCertificate } from './http-certificate.ts';
import { type StrictRequest, strictFetch } from './strict-fetch.ts';

/** One request up to its headers. */
export const fetchOnce = async (
  url: URL,
  place: string,
  init: Omit<StrictRequest, 'signal'>,
  watch: IdleWatch,
): Promise<Response> => {
  try {
    return await watch.run(() => strictFetch(url, { ...init, signal: watch.signal }));
  } catch (error) {
    if (watch.signal.reason instanceof SourceUnavailable) {
      throw new SourceUnavailable(`no answer from ${place}: ${watch.signal.reason.message}`, {
        cause: error,
      });
    }
    watch.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const text = cause instanceof Error ? cause.message : String(cause);
    if (isOfCertificate(code)) {
      throw new SourceRefused(describeCertificate(place, code, text), { cause: error });
    }
    throw new SourceUnavailable(`no answer from ${place}: ${[code, text].join(' ').trim()}`, {
      cause: error,
    });
  }
};
