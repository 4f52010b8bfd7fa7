/**
 * Takes the place of `@smithy/core/event-streams` in bundles (infra/bundle-sources.ts): S3 answers by events only to SelectObjectContent, which no function
 * calls, and what reads them is 20 KB of each bundle.
 */

const refuse = (): never => {
  throw new Error('an answer by events cannot be read in a bundle');
};

export const eventStreamSerdeProvider = refuse;
export const EventStreamSerde = refuse;
export const resolveEventStreamSerdeConfig = <T>(config: T): T => config;
