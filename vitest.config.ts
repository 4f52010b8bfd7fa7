import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `.ci/run` wants the counts. */
const report = process.env.VITEST_JSON_REPORT;

/** The only limit on time: it ends what hangs, on a machine of whatever speed. Tests wait for events, not for times. */
const LIMIT_MS = 20 * 60_000;

/** The files that take longest go first, so that none of them runs on alone at the end: these, then the rest of these folders. */
const LONGEST = [
  '/acceptance/kill.',
  '/acceptance/spool.',
  '/acceptance/day.',
  '/infra/package.',
  '/sql/load-property.',
  '/redshift/generated-sql.',
  '/local/cloud.',
  '/redshift/kill.',
  '/acceptance/',
  '/rebuild/',
  '/sql/record-hash.',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((part) => moduleId.includes(part));
      return at === -1 ? LONGEST.length : at;
    };
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

/** The whole app as one: kills, faults, the whole road. */
const ACCEPTANCE = ['test/acceptance/**/*.test.ts'];

/** What needs an AWS account, and runs only where MILLRACE_AWS says that there is one: `npm run test:aws`. */
const AWS = ['test/aws/{on-aws,templates-on-aws}.test.ts'];
const hasAws = process.env.MILLRACE_AWS === '1';

/**
 * What the CDK app gives. Loading CDK costs 2 CPU-s, so these files share a worker; none starts a process. The test of definitions
 * is not among them: it needs asl-validator as it is, and those that start machines give it another Ajv.
 */
const TEMPLATES = [
  'test/{docs,pictures}.test.ts',
  'test/infra/{alarms,comparisons,deployments,grants,limits,load-machines,own-key,releases,resource-schemas,stacks,traces}.test.ts',
  'test/infra/cli/cost/prices.test.ts',
];

/** What starts servers, processes or databases, or synthesizes: each port on what it stands for. What measures, too. */
const CONTRACT = [
  'test/aws/{environment,on-local-cloud,templates}.test.ts',
  'test/contract/**/*.test.ts',
  'test/bench/**/*.test.ts',
  'test/handlers/adapters/**/*.test.ts',
  'test/handlers/extract/on-s3.test.ts',
  'test/handlers/load/{any-order,on-warehouse,poisoned}.test.ts',
  'test/handlers/operate/diff-feed.test.ts',
  'test/handlers/rebuild/{kills,limits,rebuild}.test.ts',
  'test/infra/*.test.ts',
  'test/infra/cli/**/*.test.ts',
  'test/infra/local/*.test.ts',
  'test/infra/local/{assembly,executions,jazz,lambda,redshift,s3,secrets,xray}/**/*.test.ts',
  'test/shared/sql/**/*.test.ts',
  'test/shared/xml/{conformance,cost,large}*.test.ts',
];

/** A test belongs to one project: what is in neither list runs in memory. */
const project = (
  name: string,
  include: readonly string[],
  { exclude = [], isolate = true }: { readonly exclude?: readonly string[]; readonly isolate?: boolean } = {},
) => ({
  extends: true as const,
  test: {
    name,
    isolate,
    include: [...include],
    exclude: ['**/node_modules/**', '**/cdk.out/**', '**/.millrace/**', ...exclude],
  },
});

export default defineConfig({
  test: {
    projects: [
      // No module has a state: files that run in memory share a worker, and load what they test once.
      project('unit', ['test/**/*.test.ts'], {
        exclude: [...AWS, ...TEMPLATES, ...CONTRACT, ...ACCEPTANCE],
        isolate: false,
      }),
      project('templates', TEMPLATES, { isolate: false }),
      project('contract', CONTRACT, { exclude: TEMPLATES }),
      project('acceptance', ACCEPTANCE),
      ...(hasAws ? [project('aws', AWS)] : []),
    ],
    globalSetup: ['test/acceptance/support/shared-folder.ts'],
    testTimeout: LIMIT_MS,
    hookTimeout: LIMIT_MS,
    teardownTimeout: LIMIT_MS,
    expect: { poll: { timeout: LIMIT_MS, interval: 50 } },
    // Most of the time is waiting for processes: one worker a core, which is one more than the default.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
