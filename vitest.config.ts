import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `.ci/run` wants the counts. */
const report = process.env.VITEST_JSON_REPORT;

/** The files that take minutes go first, the longest before all, so that none of them runs on alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      moduleId.includes('/acceptance/kill') ? 0 : moduleId.includes('/acceptance/') ? 1 : 2;
    return [...files].sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/cdk.out/**', '**/.millrace/**'],
    globalSetup: ['test/acceptance/support/shared-folder.ts'],
    testTimeout: 30_000,
    // Most of the time is waiting for processes: one worker a core, which is one more than the default.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
