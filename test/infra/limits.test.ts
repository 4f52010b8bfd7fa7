import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildApp } from '../../infra/build-app.ts';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';
import { createResolvers } from '../../infra/local/assembly/intrinsics.ts';
import { readTemplates, type StackTemplate } from '../../infra/local/assembly/template.ts';
import { readAccess } from '../../infra/local/iam/read-access.ts';
import { FEATURE_FLAGS, readSettings } from '../../infra/settings.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { itemsFeed } from '../handlers/extract/world.ts';

/** What AWS takes of a deployment, at one feed, at many, and at more than anybody has: what no linter of templates counts. */

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: without white space. */
const MANAGED_POLICY_CHARACTERS = 6_144;
const INLINE_CHARACTERS_OF_ROLE = 10_240;
const POLICIES_OF_ROLE = 10;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const RESOURCES_OF_STACK = 500;
const TEMPLATE_BYTES = 1_000_000;
const OUTPUTS_OF_STACK = 200;
const PARAMETERS_OF_STACK = 200;

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-0000-1111-2222-333344445555';
const COPY_ROLE = 'arn:aws:iam::123456789012:role/copy';
const VARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a warehouse of its own': {},
  'a workgroup that exists': { 'millrace:workgroupName': 'dwh', 'millrace:copyRoleArn': COPY_ROLE },
  'a cluster that exists, with a user of its own': {
    'millrace:clusterIdentifier': 'dwh',
    'millrace:copyRoleArn': COPY_ROLE,
    'millrace:secretArn': 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:dwh-AbCdEf',
  },
  'subnets, keys and a name': {
    'millrace:env': 'a-name-of-16-chr',
    'millrace:subnetIds': 'subnet-0000000a,subnet-0000000b,subnet-0000000c',
    'millrace:securityGroupIds': 'sg-0000000a',
    'millrace:sourceSubnetIds': 'subnet-0000000a,subnet-0000000b,subnet-0000000c',
    'millrace:sourceSecurityGroupIds': 'sg-0000000a',
    'millrace:secretKeyArns': `${KEY},${KEY.replace('1a2b', '9f8e')}`,
    'millrace:sourceKeyArns': KEY,
    'millrace:kmsKeyArn': KEY,
  },
};

interface Synthesized {
  readonly folder: string;
  readonly stacks: readonly StackTemplate[];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-limits-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Feeds with every schedule that there is, each with a secret of its own. */
const many = (count: number, secretOf: (n: number) => string, network?: 'vpc'): Record<string, Feed> => {
  const like = itemsFeed();
  const { source } = like;
  if (source.kind !== 'http') throw new Error(source.kind);
  const feeds = Array.from({ length: count }, (_, n): Feed => {
    const auth = { kind: 'bearer' as const, secret: secretOf(n) };
    return {
      ...like,
      feed: `a_feed_with_some_name_${n}`,
      load: { everyMs: 900_000 },
      source: { ...source, auth, ...(network !== undefined && { network }) },
    };
  });
  return Object.fromEntries(feeds.map((feed) => [feed.feed, feed]));
};

let made = 0;
const synthesize = async (
  context: Readonly<Record<string, string>>,
  feeds: Record<string, Feed>,
): Promise<Synthesized> => {
  made += 1;
  const outdir = join(folder, `of-${made}`);
  const bundle = join(folder, 'bundle');
  mkdirSync(bundle, { recursive: true });
  const app = new App({ outdir, context: { ...FEATURE_FLAGS, ...context } });
  buildApp(app, readSettings(app.node), feeds, () => bundle);
  app.synth();
  return { folder: outdir, stacks: await readTemplates(outdir) };
};

/** As long as they come: the region and the partition with the longest names. */
const lengthen = (text: string): string =>
  text.replaceAll('us-east-1', 'ap-southeast-2').replaceAll('arn:aws:', 'arn:aws-us-gov:');

interface Policy {
  readonly isManaged: boolean;
  readonly role: string;
  readonly characters: number;
}

const policy = z.object({ Roles: z.array(z.string()), PolicyDocument: z.unknown() });

const policiesOf = ({ stacks }: Synthesized): readonly Policy[] => {
  const resolvers = createResolvers(stacks);
  return stacks.flatMap(({ name, resources }) =>
    Object.values(resources)
      .filter(({ Type }) => /^AWS::IAM::(Managed)?Policy$/.test(Type))
      .flatMap(({ Type, Properties }) => {
        const { Roles, PolicyDocument } = policy.parse(resolvers.get(name)?.resolve(Properties));
        const characters = lengthen(JSON.stringify(PolicyDocument)).length;
        return Roles.map((role) => ({ isManaged: Type === 'AWS::IAM::ManagedPolicy', role, characters }));
      }),
  );
};

const expectRoom = (synthesized: Synthesized): void => {
  for (const { name, resources, outputs, parameters } of synthesized.stacks) {
    expect(Object.keys(resources).length, name).toBeLessThanOrEqual(RESOURCES_OF_STACK);
    expect(Object.keys(outputs).length, name).toBeLessThanOrEqual(OUTPUTS_OF_STACK);
    expect(Object.keys(parameters).length, name).toBeLessThanOrEqual(PARAMETERS_OF_STACK);
  }
  for (const file of readdirSync(synthesized.folder).filter((one) => one.endsWith('.template.json')))
    expect(readFileSync(join(synthesized.folder, file)).length, file).toBeLessThan(TEMPLATE_BYTES);
  for (const [role, policies] of Map.groupBy(policiesOf(synthesized), (policy) => policy.role)) {
    const managed = policies.filter(({ isManaged }) => isManaged);
    expect(managed.length, role).toBeLessThanOrEqual(POLICIES_OF_ROLE);
    for (const { characters } of managed)
      expect(characters, role).toBeLessThanOrEqual(MANAGED_POLICY_CHARACTERS);
    const inline = policies.filter(({ isManaged }) => !isManaged);
    expect(
      inline.reduce((sum, { characters }) => sum + characters, 0),
      role,
    ).toBeLessThanOrEqual(INLINE_CHARACTERS_OF_ROLE);
  }
};

const below = (n: number): string => `millrace/source-of-feed-${n}`;
const flat = (n: number): string => `a-source-of-somebody-else-${n}`;

describe.each(Object.entries(VARIANTS))('a deployment with %s', (_, context) => {
  it.each([1, 100])('of %i feeds is within what AWS takes', async (count) => {
    expectRoom(await synthesize(context, many(count, below)));
  });
});

describe('a deployment of 400 feeds', () => {
  let whole: Synthesized;
  beforeAll(async () => {
    whole = await synthesize(VARIANTS['subnets, keys and a name'] ?? {}, many(400, flat, 'vpc'));
  }, 120_000);

  it('is within what AWS takes, with secrets that share no folder', () => {
    expectRoom(whole);
  });

  it('has its schedules in stacks of their own, beside those of the pipeline', async () => {
    const nested = whole.stacks.filter(({ parent }) => parent !== undefined);
    expect(nested.map(({ parent }) => parent?.name)).toEqual(
      nested.map(() => 'MillracePipeline-a-name-of-16-chr'),
    );
    const { schedules, functions } = await readAssembly(whole.folder);
    const feeds = schedules
      .map(({ input }) => JSON.parse(input))
      .map(({ feed, detail }) => feed ?? detail?.feed);
    expect(feeds.filter((feed) => feed !== undefined)).toHaveLength(800);
    expect(new Set(feeds).size).toBe(401); // and the sweep's
    expect(functions).toHaveLength(12);
  });

  it('lets the function that reads sources read each of its secrets, and each schedule start its machine', async () => {
    const assembly = await readAssembly(whole.folder);
    const access = readAccess(assembly);
    const role = assembly.functions.find(({ name }) => name.includes('ExtractSliceFunction'))?.roleArn ?? '';
    const named = access.roles[role]?.filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    const resources = named?.flatMap((statement) => statement.resources) ?? [];
    expect(resources).toHaveLength(400);
    for (const n of [0, 199, 399]) expect(resources.join()).toContain(`:secret:${flat(n)}-??????`);
  });
});

describe('the secrets of feeds', () => {
  const readable = async (names: readonly string[]): Promise<readonly string[]> => {
    const feeds = many(names.length, (n) => names[n] ?? '');
    const assembly = await readAssembly((await synthesize({}, feeds)).folder);
    const role = assembly.functions.find(({ name }) => name.includes('SpoolPageFunction'))?.roleArn ?? '';
    return (readAccess(assembly).roles[role] ?? [])
      .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ resources }) => resources.map((arn) => arn.replace(/^.*:secret:/, '')))
      .sort();
  };
  const inFolder = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => below(n));

  it('are named one by one while few lie in one folder', async () => {
    const names = ['x', ...inFolder(20)];
    expect(await readable(names)).toEqual(names.map((name) => `${name}-??????`).sort());
  });

  it('are named by their folder where more lie there', async () => {
    expect(await readable(['x', 'a/b', ...inFolder(21)])).toEqual(['a/b-??????', 'millrace/*', 'x-??????']);
  });

  it('are refused where they are too many for IAM, with what helps', async () => {
    const feeds = many(500, flat);
    await expect(synthesize({}, feeds)).rejects.toThrow(InvalidInput);
    await expect(synthesize({}, feeds)).rejects.toThrow(
      'feeds name 500 secrets one by one, which fill 10 policies, allowed 8: put the secrets below one folder, as millrace/jazz is below millrace/',
    );
  });
});
