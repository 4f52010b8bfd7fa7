import { SourceUnavailable } from '../../errors.ts';
import { type Consequence, withAny } from './consequence.ts';

/** What passes: the page is asked for again, with the waits of a server that is away. */
export const retry = {
  word: 'retry',
  says: 'The source is away for now: the page is asked for again, after a `Retry-After` where there is one.',
  judge: ({ says }) => ({
    kind: 'error',
    error: new SourceUnavailable(`${says}: it is asked for again`),
  }),
  refuse: withAny,
} as const satisfies Consequence;
