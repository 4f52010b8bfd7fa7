import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/build-app.ts';
import { feedOfDeployment } from '../../infra/feed-of-deployment.ts';
import { type Assembly, readAssembly } from '../../infra/local/assembly/assembly.ts';
import { NAME_PROPERTY } from '../../infra/local/assembly/names.ts';
import { readTemplates, type StackTemplate } from '../../infra/local/assembly/template.ts';
import { compilePattern } from '../../infra/local/eventbridge/pattern.ts';
import { DEFAULT_BUS } from '../../infra/local/eventbridge/put-events.ts';
import { toCaller } from '../../infra/local/iam/access.ts';
import { matches } from '../../infra/local/iam/evaluate.ts';
import { readAccess } from '../../infra/local/iam/read-access.ts';
import { FEATURE_FLAGS, readSettings, type Settings } from '../../infra/settings.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { secretOf } from '../../shared/source/auth/registry.ts';
import { toStatementName, toThread } from '../../shared/state/load-name.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { dropsFeed, itemsFeed } from '../handlers/extract/world.ts';
import { synthesized } from './synthesized.ts';

/** Deployments of one account and region, side by side: the unnamed one, and two whose names begin alike. */
const ENVS = [undefined, 'test', 'test-2'] as const;

interface Deployment {
  readonly settings: Settings;
  readonly feeds: readonly Feed[];
  readonly stacks: readonly StackTemplate[];
  readonly assembly: Assembly;
}

let folder = '';
let deployments: readonly Deployment[] = [];

const itemsWithSecret = (): Feed => {
  const feed = itemsFeed();
  if (feed.source.kind !== 'http') throw new Error(feed.source.kind);
  const auth = { kind: 'bearer' as const, secret: 'millrace/jazz' };
  const source = { ...feed.source, auth, caSecret: 'millrace/ca' };
  return { ...feed, load: { everyMs: 900_000 }, source };
};

const synthesize = async (env: string | undefined): Promise<Deployment> => {
  const outdir = join(folder, `of-${env}`);
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle, { recursive: true });
  const app = new App({ outdir, context: { ...FEATURE_FLAGS, ...(env && { 'millrace:env': env }) } });
  const settings = readSettings(app.node);
  const feeds = [itemsWithSecret(), dropsFeed()].map((feed) => feedOfDeployment(feed, settings.names));
  buildApp(app, settings, Object.fromEntries(feeds.map((feed) => [feed.feed, feed])), () => bundle);
  app.synth();
  return { settings, feeds, stacks: await readTemplates(outdir), assembly: await readAssembly(outdir) };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-deployments-'));
  deployments = await Promise.all(ENVS.map(synthesize));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each two of them, in both orders. */
const pairs = (): readonly (readonly [Deployment, Deployment])[] =>
  deployments.flatMap((one) =>
    deployments.filter((other) => other !== one).map((other) => [one, other] as const),
  );

const resourcesOf = ({ stacks }: Deployment) => stacks.flatMap(({ resources }) => Object.values(resources));

/** `type name` of what the templates themselves name; CloudFormation names the rest by their stacks. */
const fixedNames = (deployment: Deployment): readonly string[] =>
  resourcesOf(deployment).flatMap(({ Type, Properties }) => {
    const name = Properties[NAME_PROPERTY[Type] ?? ''];
    return typeof name === 'string' ? [`${Type} ${name}`] : [];
  });

const exportsOf = ({ stacks }: Deployment): readonly string[] =>
  stacks.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ Export }) => (Export === undefined ? [] : String(Export.Name))),
  );

const bucketOf = ({ assembly }: Deployment): string =>
  assembly.buckets.find(({ hasEventBridge }) => hasEventBridge)?.name ?? '';

/** Everything that a deployment's own doing puts on the bus. */
const eventsOf = (deployment: Deployment) => {
  const { names } = deployment.settings;
  const thread = toThread({ feed: 'items', date: '2026/11/23', load: 1 }, 1);
  const statementName = toStatementName({ prefix: names.statementPrefix, thread });
  const put = (key: string) => ({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: bucketOf(deployment) }, object: { key } },
  });
  return [
    ...Object.values(EVENT).map((type) => ({
      source: names.eventSource,
      'detail-type': type,
      detail: { feed: 'items', statementName },
    })),
    ...['landing/drops/a.xml', 'batches/items/2026/11/23/b.json', 'staged/items/a'].map(put),
    {
      source: 'aws.redshift-data',
      'detail-type': 'Redshift Data Statement Status Change',
      detail: { statementName },
    },
  ];
};

const matching = ({ assembly }: Deployment, event: Record<string, unknown>): readonly string[] =>
  assembly.rules.filter(({ pattern }) => compilePattern(pattern)(event)).map(({ name }) => name);

const ANY = '*';
/** What AWS lets nobody narrow to a resource: traces, the delivery of logs, network interfaces, and statements, which only their submitter's role sees. */
const WITHOUT_RESOURCE =
  /^(xray:|logs:\w*(LogDelivery|LogDeliveries|ResourcePolic|LogGroups)|ec2:|redshift-data:)/;

const secretArns = ({ feeds }: Deployment): readonly string[] =>
  feeds.flatMap(({ source }) => {
    if (source.kind !== 'http') return [];
    const ids = [secretOf(source.auth), source.caSecret].filter((id) => id !== undefined);
    return ids.map((id) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${id}-AbCdEf`);
  });

const thingsOf = (deployment: Deployment): readonly string[] => {
  const { assembly } = deployment;
  return [
    ...assembly.functions.map(({ arn }) => arn),
    ...assembly.machines.map(({ arn }) => arn),
    ...assembly.roles.map(({ arn }) => arn),
    ...assembly.buckets.flatMap(({ name }) => [
      `arn:aws:s3:::${name}`,
      `arn:aws:s3:::${name}/plans/a/b.json`,
    ]),
    ...assembly.workgroups.map(
      ({ name }) => `arn:aws:redshift-serverless:us-east-1:000000000000:workgroup/${name}`,
    ),
    ...secretArns(deployment),
  ];
};

describe('two deployments of one account and region', () => {
  it('have no stack, no name, no export in common', () => {
    for (const [one, other] of pairs()) {
      const all = (of: Deployment) => [
        ...of.stacks.map(({ name }) => name),
        ...fixedNames(of),
        ...exportsOf(of),
      ];
      expect(all(one).filter((name) => all(other).includes(name))).toEqual([]);
    }
  });

  it('wake each other by no event, and themselves by those of theirs that start something', () => {
    for (const [one, other] of pairs())
      for (const event of eventsOf(one)) expect(matching(other, event)).toEqual([]);
    for (const one of deployments) {
      const woken = eventsOf(one).filter((event) => matching(one, event).length > 0);
      expect(woken.map((event) => event['detail-type'])).toEqual([
        EVENT.continue,
        EVENT.loadNext,
        EVENT.settle,
        'Object Created',
        'Object Created',
        'Redshift Data Statement Status Change',
      ]);
    }
  });

  it('have roles that may do nothing to what is the other one’s', () => {
    for (const [one, other] of pairs()) {
      const things = thingsOf(other);
      for (const statements of Object.values(readAccess(one.assembly).roles)) {
        for (const { actions, resources } of statements) {
          if (resources.includes(ANY)) {
            for (const action of actions) expect(action).toMatch(WITHOUT_RESOURCE);
            continue;
          }
          for (const pattern of resources)
            expect(
              things.filter((thing) => matches(pattern, thing)),
              pattern,
            ).toEqual([]);
        }
      }
    }
  });

  it('may put events under their own name alone', () => {
    for (const [one, other] of pairs()) {
      const access = readAccess(one.assembly);
      const puts = ({ settings }: Deployment) =>
        Object.keys(access.roles).filter(
          (role) =>
            toCaller(access, role, 'any').refusalOf('events:PutEvents', DEFAULT_BUS, {
              'events:source': settings.names.eventSource,
            }) === undefined,
        );
      expect(puts(one).length).toBeGreaterThan(3);
      expect(puts(other)).toEqual([]);
    }
  });

  it('tell their functions whose they are', () => {
    for (const { assembly, settings } of deployments) {
      const { eventSource, statementPrefix, service } = settings.names;
      const values = (name: string) =>
        new Set(assembly.functions.flatMap(({ environment }) => environment[name] ?? []));
      expect(values('EVENT_SOURCE')).toEqual(new Set([eventSource]));
      expect(values('STATEMENT_PREFIX')).toEqual(new Set([statementPrefix]));
      expect(values('POWERTOOLS_SERVICE_NAME')).toEqual(new Set([service]));
      const inputs = assembly.schedules.map(({ input }) => JSON.parse(input));
      expect(inputs.flatMap(({ source }) => source ?? [])).toEqual([eventSource]);
    }
  });

  it('are told apart by a tag, and both are Millrace’s', () => {
    const tags = deployments.map(
      (one) => resourcesOf(one).find(({ Type }) => Type === 'AWS::S3::Bucket')?.Properties.Tags,
    );
    const project = { Key: 'project', Value: 'millrace' };
    expect(tags).toEqual([
      [project],
      [{ Key: 'env', Value: 'test' }, project],
      [{ Key: 'env', Value: 'test-2' }, project],
    ]);
  });

  it('grant one COPY role by policies of two names', () => {
    const given = {
      'millrace:workgroupName': 'dwh',
      'millrace:copyRoleArn': 'arn:aws:iam::123456789012:role/copy',
    };
    const policies = [{}, { 'millrace:env': 'test' }].map((env) => {
      const found = synthesized({ ...given, ...env }).pipeline.findResources('AWS::IAM::Policy', {
        Properties: { Roles: ['copy'] },
      });
      return Object.values(found).map(({ Properties }) => Properties.PolicyName);
    });
    expect(policies).toEqual([
      ['CopyRolePolicy939EE0E1'],
      [expect.not.stringMatching('CopyRolePolicy939EE0E1')],
    ]);
  });
});

describe('the deployment without a name', () => {
  it('keeps the names that it had before others could have one', () => {
    const [unnamed = expect.unreachable()] = deployments;
    expect(unnamed.stacks.map(({ name }) => name).sort()).toEqual([
      'MillracePipeline',
      'MillraceStorage',
      'MillraceWarehouse',
    ]);
    expect([...fixedNames(unnamed)].sort()).toEqual([
      'AWS::Logs::LogGroup /aws/vendedlogs/states/MillracePipeline-Extract',
      'AWS::Logs::LogGroup /aws/vendedlogs/states/MillracePipeline-Load',
      'AWS::Logs::LogGroup /aws/vendedlogs/states/MillracePipeline-SettleLoad',
      'AWS::Logs::LogGroup /aws/vendedlogs/states/MillracePipeline-Sweep',
      'AWS::RedshiftServerless::Namespace millracewarehouse',
      'AWS::RedshiftServerless::Workgroup millracewarehouse',
    ]);
    expect(unnamed.settings.database).toBe('millrace');
    expect(secretArns(unnamed).join()).toContain(':secret:millrace/jazz-');
  });
});
