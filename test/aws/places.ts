import { openAwsPlace } from './aws-place.ts';
import { openLocalPlace } from './local-place.ts';

/** Every S3 and every Redshift there is. The one suite runs on the first as part of `npm test`, on the second by `npm run test:aws`. */
export const PLACES = { 'the local cloud': openLocalPlace, AWS: openAwsPlace } as const;
