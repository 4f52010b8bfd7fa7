import { Readable } from 'node:stream';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';

/** A bigint of more digits than every double holds; within a text of the answer the quotes would be escaped. */
const LONG = /\{"longValue":(-?\d{16,})\}/g;

/** Has a client answer long bigints as texts with all their digits: the SDK reads JSON numbers as doubles. */
export const keepLongsExact = (client: RedshiftDataClient): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body?: unknown };
      if (response.body instanceof Readable) {
        const text = (await response.body.setEncoding('utf8').toArray()).join('');
        response.body = Readable.from([Buffer.from(text.replace(LONG, '{"stringValue":"$1"}'))]);
      }
      return result;
    },
    // Nearer to the wire than the SDK's own reader.
    { step: 'deserialize', priority: 'low', name: 'keepLongsExact' },
  );
};
