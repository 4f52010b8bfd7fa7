import { InvalidInput } from '../../../shared/errors.ts';

/** What a pattern is refused with: where it is wrong, and why. */
export const refused = (path: string, why: string): InvalidInput =>
  new InvalidInput(`event pattern: ${path} ${why}`);
