import { createRequire } from 'node:module';
import * as z from 'zod';

const verdict = z.object({ isValid: z.boolean(), errors: z.array(z.unknown()) });
type Verdict = z.infer<typeof verdict>;

const require = createRequire(import.meta.url);

/** What asl-validator uses of Ajv. */
interface Ajv {
  addFormat: (...definition: unknown[]) => Ajv;
  addKeyword: (...definition: unknown[]) => Ajv;
}
type MakeAjv = new (options: unknown) => Ajv;

/**
 * asl-validator makes an Ajv at each call, always alike, which compiles all its schemas: 0.2 CPU-s for each definition. It gets the one
 * of its first call again, with the schemas compiled, the formats and the keywords in place: Ajv refuses to get those twice.
 */
const keepFirst = (make: MakeAjv) => {
  let kept: Ajv | undefined;
  return function makeOnce(options: unknown): Ajv {
    if (kept === undefined) {
      kept = new make(options);
      return kept;
    }
    const ready = kept;
    return Object.assign(ready, { addFormat: () => ready, addKeyword: () => ready });
  };
};

/** Has asl-validator, and nothing that is loaded before or after it, find such an Ajv. The package has no types. */
const loadValidator = (): ((definition: unknown) => unknown) => {
  const within = createRequire(require.resolve('asl-validator'));
  const make: MakeAjv = within('ajv').default;
  const loaded = within.cache[within.resolve('ajv')];
  if (loaded === undefined) return require('asl-validator');
  const { exports } = loaded;
  loaded.exports = Object.create(exports, { default: { value: keepFirst(make) } });
  try {
    return require('asl-validator');
  } finally {
    loaded.exports = exports;
  }
};

let validate: ReturnType<typeof loadValidator> | undefined;

/** The verdict of asl-validator, which writes into the definition that it gets. It is loaded when it is first asked. */
export const validateAsl = (definition: unknown): Verdict => {
  validate ??= loadValidator();
  return verdict.parse(validate(definition));
};
