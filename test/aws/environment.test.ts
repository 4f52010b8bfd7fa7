import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../shared/errors.ts';
import { AWS_VARIABLES, readAwsEnvironment } from './environment.ts';

const ENVIRONMENT = {
  MILLRACE_AWS: '1',
  AWS_REGION: 'eu-central-1',
  MILLRACE_AWS_BUCKET: 'bucket-of-tests',
  MILLRACE_AWS_WORKGROUP: 'tests',
  MILLRACE_AWS_DATABASE: 'dev',
  MILLRACE_AWS_COPY_ROLE: 'arn:aws:iam::123456789012:role/copy',
};

describe('the environment of the tests on AWS', () => {
  it('is read, whatever else is set', () => {
    expect(readAwsEnvironment({ ...ENVIRONMENT, PATH: '/bin', AWS_PROFILE: 'p' })).toEqual(ENVIRONMENT);
  });

  it.each([
    ...Object.keys(ENVIRONMENT).map((name) => [name, { [name]: undefined }] as const),
    ['MILLRACE_AWS_BUKET', { MILLRACE_AWS_BUKET: 'b' }],
    ['MILLRACE_AWS_CLUSTER', { MILLRACE_AWS_CLUSTER: 'c' }],
    ['MILLRACE_AWS_COPY_ROLE', { MILLRACE_AWS_COPY_ROLE: 'copy' }],
    ['MILLRACE_AWS_BUCKET', { MILLRACE_AWS_BUCKET: '' }],
  ] as const)('is refused by the name %s', (name, change: Readonly<Record<string, string | undefined>>) => {
    const read = () => readAwsEnvironment({ ...ENVIRONMENT, ...change });
    expect(read).toThrow(InvalidInput);
    expect(read).toThrow(name);
  });
});

it('docs/aws-tests.md names what is read, and nothing else', () => {
  const page = readFileSync(new URL('../../docs/aws-tests.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/\b(?:MILLRACE_AWS\w*|AWS_REGION)\b/g)].map(([name]) => name);
  expect([...new Set(named)].sort()).toEqual([...AWS_VARIABLES].sort());
});

describe('npm run test:aws', () => {
  const run = (environment: Readonly<Record<string, string>>) => {
    const entry = fileURLToPath(new URL('./run.ts', import.meta.url));
    const env = { PATH: process.env.PATH ?? '', ...environment };
    const { status, stdout, stderr } = spawnSync(process.execPath, [entry], { env, encoding: 'utf8' });
    return { status, text: stdout + stderr };
  };

  it('skips without MILLRACE_AWS, and says what it needs', () => {
    const { status, text } = run({});
    expect(status).toBe(0);
    for (const name of Object.keys(ENVIRONMENT)) expect(text).toContain(name);
  });

  it('fails for what is missing, before anything runs', () => {
    const { status, text } = run({ ...ENVIRONMENT, MILLRACE_AWS_DATABASE: '' });
    expect(status).toBe(1);
    expect(text.trim()).toBe('environment variable MILLRACE_AWS_DATABASE: is empty');
  });

  it('fails once where there are no credentials, before anything runs', () => {
    const NOBODY = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/none',
      AWS_SHARED_CREDENTIALS_FILE: '/none',
    };
    const { status, text } = run({ ...ENVIRONMENT, ...NOBODY });
    expect(status).toBe(1);
    expect(text).toMatch(
      /^no credentials were found; name some, as with AWS_PROFILE: .*; docs\/aws-tests.md/,
    );
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});
