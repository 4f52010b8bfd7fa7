import { expect, it } from 'vitest';
import { readDeployed } from '../../../handlers/operate/read-deployed.ts';
import { tellDeployed } from '../../../handlers/sweep/tell-deployed.ts';
import { manualClock } from '../../fakes/manual-clock.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { definition } from './support/sweeping.ts';

const warehouse = { workgroupName: 'millrace', database: 'millrace' };

it('says what is deployed once, and anew after another deployment', async () => {
  const records = memoryRecordStore();
  const clock = manualClock();
  const tell = (feeds: Parameters<typeof tellDeployed>[0]['feeds'], invocation: string) =>
    tellDeployed({ feeds, warehouse }, { records, clock, invocation });
  expect(await readDeployed(records)).toBeUndefined();
  await tell({ items: definition }, 'first');
  clock.advance(900_000);
  await tell({ items: definition }, 'second');
  expect(await readDeployed(records)).toMatchObject({ invocation: 'first', feeds: { items: definition } });
  await tell({ others: definition }, 'third');
  expect(await readDeployed(records)).toMatchObject({ invocation: 'third', feeds: { others: definition } });
  expect(Object.keys((await readDeployed(records))?.feeds ?? {})).toEqual(['others']);
});
