import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../handlers/operate/backfill-request.ts';
import { cancelBackfill } from '../../../handlers/operate/cancel-backfill.ts';
import { readStatus } from '../../../handlers/operate/read-status.ts';
import { toStatusNext } from '../../../infra/cli/status-next.ts';
import type { Asking } from '../../../shared/attention/asking.ts';
import { toDateFolder, toKey, toStamp } from '../../../shared/state/keys.ts';
import { toRecordText } from '../../../shared/state/record-text.ts';
import { timedRecords } from '../../fakes/timed-records.ts';
import { itemsFeed } from '../../handlers/extract/world.ts';
import { sealed } from '../../handlers/load/support/world.ts';
import { planOf } from '../../handlers/sweep/support/sweeping.ts';

const FAILED = Date.parse('2026-01-15T07:00:00Z');
const RANGE = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-09T00:00:00.000Z', partition: 'b c' };

/** A stretch of a range failed, and the schedule sealed a window since. */
const failedRange = async (again = '') => {
  const clock = { now: () => FAILED + 2 * 3_600_000, sleep: async () => undefined };
  const timed = timedRecords(clock);
  const put = (key: Parameters<typeof toKey>[0], record: object) =>
    timed.records.putIfAbsent(toKey(key), toRecordText(record));
  const failedAt = new Date(FAILED).toISOString();
  const request = toRequest('items', RANGE, again);
  const batch = `b-${request}-20260101T000000000Z-20260103T000000000Z`;
  const asked = { ...RANGE, feed: 'items', request, invocation: 'i', asked: failedAt };
  await put({ kind: 'backfill', feed: 'items', request }, asked);
  await put(
    { kind: 'failure', feed: 'items', date: toDateFolder(FAILED), stamp: toStamp(FAILED) },
    {
      ...{ feed: 'items', batch, invocation: 'i', state: 'ExtractSlice', failedAt },
      ...{ error: 'SourceUnavailable', message: 'answered 503' },
      asked: { ...RANGE, isAgain: again !== '' },
    },
  );
  const window = 'w-20260115T060000000Z';
  await put(
    { kind: 'batch', feed: 'items', date: '2026/01/15', batch: window },
    { ...sealed(1), feed: 'items', batch: window },
  );
  const status = () => readStatus('items', itemsFeed(), { ...timed, clock });
  const seal = async () => {
    const place = { feed: 'items', date: '2026/01/01', batch };
    const plan = { ...planOf(batch)[1], ...place, slices: [] };
    await put({ kind: 'plan', feed: 'items', batch, definition: 'abc' }, plan);
    await put({ kind: 'batch', ...place }, { ...sealed(1), feed: 'items', batch });
  };
  const cancel = () => cancelBackfill('items', request, { ...timed, clock, invocation: 'c' });
  return { status, seal, cancel };
};

describe('the status of a feed of which a range failed', () => {
  it.each<[string, Asking]>([
    ['', { ...RANGE, isAgain: false }],
    ['once more', { ...RANGE, isAgain: true }],
  ])('says what asks for it, whatever its schedule has read since: %j', async (again, asking) => {
    const { status } = await failedRange(again);
    const told = await status();
    expect(told).toMatchObject({ state: 'failing', failing: { times: 1 }, backfills: [asking] });
    expect(toStatusNext(told, { options: '' })).toBe(
      `docs/runbook.md, ExtractFailed; see that the source answers; then npx millrace backfill items --from ${RANGE.from} --to ${RANGE.to} --partition 'b c'${again === '' ? '' : ' --again'}`,
    );
  });

  it('says it no more once the range is cancelled, which stands on its list no more', async () => {
    const { status, cancel } = await failedRange();
    expect(await cancel()).toEqual({
      asking: { ...RANGE, isAgain: false },
      ...{ sealedTo: RANGE.from, unparked: [] },
    });
    expect(await status()).toMatchObject({ failing: undefined, needs: [], backfills: [] });
    expect(await cancel()).toBe(undefined);
  });

  it('says it no more once the stretch is read', async () => {
    const { status, seal } = await failedRange();
    await seal();
    expect(await status()).toMatchObject({ failing: undefined });
  });
});
