import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadResourceSpec } from './resource-spec.ts';
import { currentStateful, type Stateful, stateful } from './stateful.ts';

/** An update of a deployment keeps its data: what each release had and holds something is still there, and CloudFormation changes it in place. */

const RELEASES = 'test/fixtures/releases';
const spec = loadResourceSpec();

const readRelease = (file: string): Stateful =>
  stateful.parse(JSON.parse(readFileSync(join(RELEASES, file), 'utf8')));

/** What an update from one to the other would remove or replace, each with the reason. */
const lossesOf = (before: Stateful, after: Stateful): readonly string[] =>
  Object.entries(before).flatMap(([stack, resources]) =>
    Object.entries(resources).flatMap(([id, old]) => {
      const place = `${stack} ${id} (${old.Type})`;
      const now = after[stack]?.[id];
      if (now === undefined) return [`${place} is gone`];
      if (now.Type !== old.Type) return [`${place} is a ${now.Type}`];
      const replaced = spec
        .replacing(old.Type)
        .filter((name) => !isDeepStrictEqual(old.Properties[name], now.Properties[name]))
        .map((name) => `${place}: a change of ${name} replaces it`);
      const released = (['DeletionPolicy', 'UpdateReplacePolicy'] as const)
        .filter((policy) => old[policy] !== now[policy])
        .map((policy) => `${place}: its ${policy} was ${old[policy]} and is ${now[policy]}`);
      return [...replaced, ...released];
    }),
  );

describe('an update', () => {
  const current = currentStateful(spec);

  it.each(readdirSync(RELEASES))('of release %s replaces nothing that holds data', (file) => {
    expect(lossesOf(readRelease(file), current)).toEqual([]);
  });

  it('is looked at from the release of today, too', () => {
    const types = Object.values(current).flatMap((resources) =>
      Object.values(resources).map(({ Type }) => Type),
    );
    expect([...new Set(types)].sort()).toEqual([
      'AWS::Logs::LogGroup',
      'AWS::RedshiftServerless::Namespace',
      'AWS::RedshiftServerless::Workgroup',
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::SecretsManager::Secret',
    ]);
  });
});

describe('a loss', () => {
  const namespace = (Properties: Record<string, unknown>, rest = {}) => ({
    warehouse: { Namespace: { Type: 'AWS::RedshiftServerless::Namespace', Properties, ...rest } },
  });

  it.each([
    ['a name that changes', namespace({ NamespaceName: 'b' }), ': a change of NamespaceName replaces it'],
    ['another logical id', { warehouse: {} }, ' is gone'],
    ['a tag of a namespace', namespace({ NamespaceName: 'a', Tags: [] }), ': a change of Tags replaces it'],
    [
      'a policy that is given up',
      namespace({ NamespaceName: 'a' }, { DeletionPolicy: 'Delete' }),
      ': its DeletionPolicy was undefined and is Delete',
    ],
  ])('is %s', (_, after, loss) => {
    expect(lossesOf(namespace({ NamespaceName: 'a' }), after)).toEqual([
      `warehouse Namespace (AWS::RedshiftServerless::Namespace)${loss}`,
    ]);
  });

  it('is no change that CloudFormation makes in place', () => {
    const before = namespace({ NamespaceName: 'a', LogExports: [] });
    expect(lossesOf(before, namespace({ NamespaceName: 'a', LogExports: ['userlog'] }))).toEqual([]);
  });
});
