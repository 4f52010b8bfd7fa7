import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENT, deploymentNames, isOwnSource } from '../../../shared/state/deployment-names.ts';
import { parseStatementName, toStatementName, toThread } from '../../../shared/state/load-name.ts';

const env = fc.option(fc.stringMatching(DEPLOYMENT), { nil: undefined });
const feed = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);

/** Every name that is one of a deployment's own. */
const namesOf = (name: string | undefined): readonly string[] => {
  const { stacks, eventSource, statementPrefix, service, warehouse, database, copyPolicy, ...rest } =
    deploymentNames(name);
  const made = [rest.machineLogGroup('Extract'), rest.secretId('millrace/jazz')];
  return [
    ...Object.values(stacks),
    ...[eventSource, statementPrefix, service, warehouse, database, copyPolicy, ...made],
  ];
};

describe('the names of a deployment', () => {
  it('are no other deployment’s, whatever the two are called', () => {
    fc.assert(
      fc.property(env, env, (one, other) => {
        fc.pre(one !== other);
        const others = namesOf(other);
        for (const [index, name] of namesOf(one).entries()) expect(name).not.toBe(others[index]);
      }),
    );
  });

  it('begin no statement of another one', () => {
    fc.assert(
      fc.property(env, env, feed, (one, other, of) => {
        fc.pre(one !== other);
        const thread = toThread({ feed: of, date: '2026/11/23', load: 1 }, 1);
        const name = toStatementName({ prefix: deploymentNames(one).statementPrefix, thread });
        expect(name.startsWith(deploymentNames(other).statementPrefix)).toBe(false);
        expect(parseStatementName(name)).toEqual({ prefix: deploymentNames(one).statementPrefix, thread });
      }),
    );
  });

  it('are such as AWS takes', () => {
    fc.assert(
      fc.property(env, (name) => {
        const { stacks, warehouse, database, eventSource, machineLogGroup } = deploymentNames(name);
        for (const stack of Object.values(stacks)) expect(stack).toMatch(/^[A-Za-z][A-Za-z0-9-]{0,127}$/);
        expect(warehouse).toMatch(/^[a-z0-9-]{3,64}$/);
        expect(database).toMatch(/^[a-z][a-z0-9_]{0,126}$/);
        expect(machineLogGroup('SettleLoad')).toMatch(/^\/aws\/vendedlogs\/states\/[\w-]{1,400}$/);
        expect(isOwnSource(eventSource)).toBe(true);
      }),
    );
  });

  it('are Millrace’s own where it has none', () => {
    const names = deploymentNames();
    expect(names).toMatchObject({
      stacks: { storage: 'MillraceStorage', warehouse: 'MillraceWarehouse', pipeline: 'MillracePipeline' },
      eventSource: 'millrace',
      statementPrefix: 'millrace/',
      service: 'millrace',
      warehouse: 'millracewarehouse',
      database: 'millrace',
      tags: { project: 'millrace' },
    });
    expect(names.machineLogGroup('Load')).toBe('/aws/vendedlogs/states/MillracePipeline-Load');
    expect(names.secretId('millrace/jazz')).toBe('millrace/jazz');
  });

  it('have its secrets below a prefix of its own, and leave other ids as they stand', () => {
    const { secretId } = deploymentNames('test');
    expect(['millrace/jazz', 'prod/jazz', 'millrace', 'millrace-prod/x'].map(secretId)).toEqual([
      'millrace-test/jazz',
      'prod/jazz',
      'millrace',
      'millrace-prod/x',
    ]);
  });
});
