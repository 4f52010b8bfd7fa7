import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { isOnAws, toOptions } from '../../../../infra/cli/deployment/where.ts';

const argsOf = (...words: readonly string[]) => {
  const line = parseCommandLine(['rejects', 'drops', ...words]);
  if (line.kind !== 'verb') throw new Error(line.kind);
  return line;
};

it('is this machine unless a deployment is named', () => {
  expect(isOnAws(argsOf())).toBe(false);
  expect(isOnAws(argsOf('--data', 'x'))).toBe(false);
  expect(isOnAws(argsOf('--env', 'prod', '--profile', 'p'))).toBe(true);
});

it('refuses two places, and half of one', () => {
  expect(() => isOnAws(argsOf('--env', 'prod', '--data', 'x'))).toThrow('give only one of them');
  expect(() => isOnAws(argsOf('--region', 'eu-central-1'))).toThrow('--region needs --env ENV');
});

it('is written again as it was given, for a shell', () => {
  expect(toOptions(argsOf())).toBe('');
  expect(toOptions(argsOf('--data', "my data's"))).toBe(" --data 'my data'\\''s'");
  expect(toOptions(argsOf('--env', 'prod', '--region', 'eu-central-1'))).toBe(
    ' --env prod --region eu-central-1',
  );
});
