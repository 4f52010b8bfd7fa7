import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/errors.ts';

const classes = Object.values(errors).filter(
  (value) => typeof value === 'function' && value !== errors.isTerminal,
);

describe('errors', () => {
  it.each(classes.map((Class) => [Class.name, Class] as const))(
    '%s has its own name, and is terminal or not',
    (name, Class) => {
      const error: unknown = Reflect.construct(Class, ['what, value, allowed', { cause: 'why' }]);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name, message: 'what, value, allowed', cause: 'why' });
      expect(errors.isTerminal(name)).toBe(error instanceof errors.TerminalError);
      expect(error instanceof errors.TerminalError || error instanceof errors.TransientError).toBe(true);
    },
  );

  it('knows no terminal name that is not ours', () => {
    for (const name of ['States.Timeout', 'Lambda.Unknown', 'TypeError', 'constructor', '']) {
      expect(errors.isTerminal(name)).toBe(false);
    }
  });
});
