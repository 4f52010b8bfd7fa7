import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/errors.ts';

const { isOfDocument, ...classes } = errors;

describe('errors', () => {
  it.each(Object.entries(classes))('%s has its own name, and is terminal or not', (name, Class) => {
    const error: unknown = Reflect.construct(Class, ['what, value, allowed', { cause: 'why' }]);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, message: 'what, value, allowed', cause: 'why' });
    expect(error instanceof errors.TerminalError || error instanceof errors.TransientError).toBe(true);
  });

  it('are of a document only where it is their own, and terminal then', () => {
    const ofDocument = Object.entries(classes).filter(([name]) => isOfDocument(name));
    expect(ofDocument.map(([, Class]) => new Class('') instanceof errors.TerminalError)).not.toContain(false);
    expect(ofDocument.map(([name]) => name)).toContain('XmlMalformed');
    for (const name of [
      'ServiceRefused',
      'SecretMissing',
      'States.Timeout',
      'Lambda.Unknown',
      'constructor',
      '',
    ]) {
      expect(isOfDocument(name)).toBe(false);
    }
  });
});
