import { expect, it } from 'vitest';
import { toDateFolder, toKey, toStamp } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { deploymentOf, NOW, type } from './memory-deployment.ts';

const REFUSED = { error: 'SourceRefused', message: 'answered a login page' };
const CUT = { error: 'SourceTruncated', message: 'the body ends in the middle' };

/** Executions of one window failed, ten minutes behind each other, the last one ten minutes ago. */
const failing = async (failures: readonly (typeof REFUSED)[]) => {
  const world = deploymentOf();
  for (const [n, failure] of failures.entries()) {
    const at = NOW - (failures.length - n) * 600_000;
    const key = toKey({ kind: 'failure', feed: 'items', date: toDateFolder(at), stamp: toStamp(at) });
    const of = { feed: 'items', batch: 'w-20260115T070000000Z', invocation: 'i', state: 'ExtractSlice' };
    await world.records.putIfAbsent(
      key,
      toRecordText({ ...of, failedAt: new Date(at).toISOString(), ...failure }),
    );
  }
  return type(world, 'status', 'items');
};

it('status tells the newest failure, since when it fails, and what came before that does not pass', async () => {
  const { status, out } = await failing([REFUSED, REFUSED, CUT]);
  expect(status).toBe(1);
  expect(out).toContain(
    'items  failing since 2026-01-15 07:30Z, 3 times: SourceTruncated: the body ends in the middle; before it SourceRefused: answered a login page\n  next: docs/runbook.md, ExtractFailed; see that the source answers; ',
  );
});

it('status tells what does not pass alone where it is the newest', async () => {
  expect((await failing([CUT, REFUSED])).out).toContain(
    'items  failing since 2026-01-15 07:40Z, 2 times: SourceRefused: answered a login page\n  next: docs/runbook.md, ExtractFailed; mend the feed, its secret or the source; ',
  );
});
