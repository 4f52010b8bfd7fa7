import type { Network } from '../../shared/source/addresses.ts';
import type { Auth } from '../../shared/source/auth/registry.ts';
import type { Pace } from '../../shared/source/pace.ts';
import type { AnswerRules } from '../../shared/source/responses/match.ts';
import type { Validators } from '../../shared/source/validators.ts';

/** How a server is reached. */
export interface Route {
  readonly network: Network;
  /** Id of the secret whose `ca` is trusted beside the public authorities. */
  readonly caSecret?: string | undefined;
  /** Longest silence of the source before or within a response. */
  readonly idleTimeoutMs: number;
}

/** What is missing of a body. */
export interface Rest {
  /** Bytes that came. */
  readonly offset: number;
  /** The strong ETag that they came with. */
  readonly etag: string;
}

export interface SourceRequest extends Route {
  readonly url: string;
  /** POST with this body; GET without it. */
  readonly body?: string | undefined;
  /** The page's number in its slice, for messages. */
  readonly page: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly auth: Auth;
  /** `host` or `host:port` that this feed may be led to; the first URL's own host is among them. */
  readonly trustedHosts: readonly string[];
  /** What the feed says of answers that are no page; of a page's own document the caller judges. @default nothing */
  readonly rules?: AnswerRules | undefined;
  /** The document is asked for only where it is another one than these tell. @default whatever it is */
  readonly validators?: Validators | undefined;
  /** Only the rest of the document is asked for, where it is still the same. @default all of it */
  readonly rest?: Rest | undefined;
  /** An answer to the same request said in its document that the session is over: a login comes before it. */
  readonly isLapsed?: boolean | undefined;
  /** How requests follow each other, those of a login and of redirects too. @default as they come */
  readonly pace?: Pace | undefined;
}

export interface SourceResponse {
  /** Where the answer came from in the end, without credentials. */
  readonly url: string;
  /** A header of the answer, by its name in any case. */
  readonly header: (name: string) => string | undefined;
  /** Of the content type, where it names one. */
  readonly charset: string | undefined;
  /** Tells the body's bytes, where the rest of a body that breaks off can be asked for. */
  readonly restTag?: string | undefined;
  /** The body is the rest that was asked for; without it, a document from its start. @default false */
  readonly isRest?: boolean;
  /**
   * The document's bytes, to be read once. Fails with SourceTruncated when the connection is cut, falls silent or
   * ends short of its Content-Length; with the signal's reason when that fires.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** A rule takes the answer for a page without a record, and the last one; its body has no byte. @default false */
  readonly isEmpty?: boolean;
  /** The document is the one that the request's validators tell; the body has no byte. @default false */
  readonly isUnchanged?: boolean;
}

/** A server that answers XML. */
export interface Source {
  /**
   * Gets one page. Logs in where that is asked for, follows redirects to trusted hosts, waits for its turn and for a Retry-After up to the deadline
   * (epoch milliseconds). Messages that quote an answer are redacted before the quotation is cut. Throws SourceUnavailable, SourceBusy,
   * SourceRefused, UntrustedHost (also of an address that no source may be reached at), SecretMissing, or the signal's reason.
   */
  open(request: SourceRequest, limits: OpenLimits): Promise<SourceResponse>;
}

export interface OpenLimits {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Runs each wait for a turn and for a Retry-After, to time it. @default - nobody asks */
  readonly timeTurn?: (<T>(wait: () => Promise<T>) => Promise<T>) | undefined;
}

/** A server's own clock. */
export interface SourceClock {
  /**
   * The source's own clock (epoch milliseconds, whole seconds), or undefined where it tells none; whatever status it
   * answers. Throws SourceUnavailable, or the signal's reason.
   */
  readClock(url: string, route: Route, signal: AbortSignal): Promise<number | undefined>;
}
