import { SourceRefused } from '../../errors.ts';
import { type Consequence, withAny } from './consequence.ts';

/** Statuses that speak of who asks, not of what is asked for. */
const IDENTITY: readonly number[] = [401, 403, 407];

/** The source's last word. */
export const fail = {
  word: 'fail',
  says: 'The batch fails, with what the source says; no retry is made.',
  judge: ({ says, status }) => ({
    kind: 'error',
    error: new SourceRefused(`${says}: a failure`, { isRequestAtFault: !IDENTITY.includes(status) }),
  }),
  refuse: withAny,
} as const satisfies Consequence;
