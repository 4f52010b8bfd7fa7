import type { Failure } from './report.ts';

/** States of the machines that load; all others extract. */
const LOADING = /^(Load|SettleLoad|PlanLoad|PrepareWarehouse|SubmitLoad|DescribeLoad|MarkLoaded|Mark|Park)/;

/** What to do after a run that failed: where its errors are explained, and the command that goes on. */
export const toNextStep = (failures: readonly Failure[]): string => {
  const headings = new Set(
    failures.map(({ state }) => (LOADING.test(state) ? 'LoadFailed' : 'ExtractFailed')),
  );
  const feeds = [...new Set(failures.map(({ feed }) => feed).filter((feed) => feed !== ''))];
  const command = ['millrace run', ...feeds.map((feed) => `--feed ${feed}`), '--once'].join(' ');
  if (failures.every(({ error }) => error === 'NotLoaded')) return `next: ${command} loads what is sealed`;
  return `next: docs/runbook.md, ${[...headings].sort().join(' and ')}, says what each error asks for; then ${command}`;
};
