/** The bytes of a staged file; undefined where there is none. Throws ServiceUnavailable, ServiceRefused, and the signal's reason. */
export type OpenStaged = (key: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array> | undefined>;
