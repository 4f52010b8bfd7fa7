import { type Key, parseKey, parseKeyIfOurs, stepsPrefix, toKey } from '../../shared/keys.ts';
import { type BatchRecord, batchRecord, planRecord, stepRecord } from '../../shared/records.ts';
import { ledgerQuery } from '../../shared/sql/ledger-query.ts';
import type { InventoryItem } from '../ports/object-inventory.ts';
import { readKnownRecord, readRecord } from '../records.ts';
import type { SweepPorts } from './sweep-ports.ts';

const DAY_MS = 24 * 3_600_000;

/** An attempt that nothing names by then is dead: a Lambda lives 15 minutes at most. */
const ORPHAN_AFTER_MS = DAY_MS;

/** What the ledger has is kept so long, to look at and to load again. */
const KEEP_LOADED_MS = 30 * DAY_MS;

/** Batches of one sweep and feed; the next sweep takes the rest. */
const MAX_BATCHES = 200;

/**
 * Removes staged files: those that no seal and no step names, when a day old; those of a sealed batch 30 days after the
 * ledger has it. Files of batches that are neither sealed nor dead stay, and so do those of parked ones.
 */
export const removeOrphans = async (feed: string, ports: SweepPorts): Promise<number> => {
  const old = await listOld(feed, ports);
  let removed = 0;
  for (const [batch, items] of old) {
    ports.signal.throwIfAborted();
    const sealed = await readSealed(feed, batch, ports);
    const named = sealed === undefined ? await namesOfSteps(feed, batch, ports) : namesOf([sealed]);
    const orphans = items.filter(({ key }) => !named.has(key));
    const expired = sealed === undefined ? [] : await listExpired(sealed, items, ports);
    const keys = [...new Set([...orphans, ...expired].map(({ key }) => key))];
    await ports.inventory.remove(keys);
    removed += keys.length;
  }
  return removed;
};

const listOld = async (
  feed: string,
  { inventory, clock }: SweepPorts,
): Promise<ReadonlyMap<string, readonly InventoryItem[]>> => {
  const old = new Map<string, InventoryItem[]>();
  for await (const item of inventory.list(`staged/${feed}/`)) {
    if (clock.now() - item.lastModifiedMs <= ORPHAN_AFTER_MS) continue;
    const key = parseKeyIfOurs(item.key);
    if (key?.kind !== 'staged') continue;
    const items = old.get(key.batch);
    if (items !== undefined) items.push(item);
    else if (old.size === MAX_BATCHES) break;
    else old.set(key.batch, [item]);
  }
  return old;
};

/** A batch's seal lies under its plan's date. */
const readSealed = async (
  feed: string,
  batch: string,
  { records }: SweepPorts,
): Promise<BatchRecord | undefined> => {
  const { keys } = await records.list(`plans/${feed}/${batch}/`);
  for (const planKey of keys) {
    const { date } = await readKnownRecord(records, planKey, planRecord);
    const sealed = await readRecord(records, toKey({ kind: 'batch', feed, date, batch }), batchRecord);
    if (sealed !== undefined) return sealed;
  }
  return undefined;
};

const namesOf = (staged: readonly Pick<BatchRecord, 'tables' | 'rejects'>[]): ReadonlySet<string> =>
  new Set(
    staged.flatMap(({ tables, rejects }) =>
      [...Object.values(tables), rejects].flatMap(({ parts }) => parts.map(({ key }) => key)),
    ),
  );

const namesOfSteps = async (
  feed: string,
  batch: string,
  { records }: SweepPorts,
): Promise<ReadonlySet<string>> => {
  const { keys: planKeys } = await records.list(`plans/${feed}/${batch}/`);
  const steps = [];
  for (const plan of planKeys.map(parseKey)) {
    if (plan.kind !== 'plan') continue;
    const { keys } = await records.list(stepsPrefix(plan));
    for (const key of keys.filter((k) => isStep(parseKey(k)))) {
      steps.push(await readKnownRecord(records, key, stepRecord));
    }
  }
  return namesOf(steps);
};

const isStep = ({ kind }: Key): boolean => kind === 'step';

const listExpired = async (
  { feed, batch, attempt }: BatchRecord,
  items: readonly InventoryItem[],
  { clock, warehouse, signal }: SweepPorts,
): Promise<readonly InventoryItem[]> => {
  const expired = items.filter(({ lastModifiedMs }) => clock.now() - lastModifiedMs > KEEP_LOADED_MS);
  if (expired.length === 0) return [];
  const rows = await warehouse.execute(ledgerQuery(feed, [batch]), signal);
  return rows.some(([, seal]) => seal === attempt) ? expired : [];
};
