import * as z from 'zod';

/**
 * An object of a record: keys that this release does not know are kept, so that it reads what a newer one wrote. The type names the known
 * keys alone.
 */
export const kept = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> =>
  z.looseObject(shape) as unknown as z.ZodObject<Shape>;
