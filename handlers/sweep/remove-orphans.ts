import { type Key, type PlanName, parseKeyIfOurs, stepsPrefix, toKey } from '../../shared/state/keys.ts';
import { type BatchRecord, type StepRecord, stepRecord } from '../../shared/state/records.ts';
import { refusalRecord } from '../../shared/state/restart-records.ts';
import { isTurnOf } from '../../shared/state/sweep-turn.ts';
import { putRecord, readKnownRecord } from '../records.ts';
import { oldStagedBatches, readSealed } from './staged-batches.ts';
import type { SweepDeps } from './sweep-deps.ts';

const DAY_MS = 24 * 3_600_000;

/** An invocation that nothing names by then is dead: a Lambda lives 15 minutes at most. */
const ORPHAN_AFTER_MS = DAY_MS;

/** An unsealed batch that no step was added to for so long is given up, as what was loaded is. */
const GIVE_UP_AFTER_MS = 30 * DAY_MS;

/**
 * Removes staged files that no seal names and, while there is no seal, no step that counts, when they are a day old. Each
 * batch has one turn a day, so that those that are kept, however many, hide none.
 */
export const removeOrphans = async (feed: string, sweepNumber: number, deps: SweepDeps): Promise<number> => {
  let removed = 0;
  for await (const { batch, keys } of oldStagedBatches(feed, ORPHAN_AFTER_MS, deps)) {
    if (!isTurnOf(batch, sweepNumber)) continue;
    const sealed = await readSealed(feed, batch, deps.records);
    const named = sealed === undefined ? await namesOfSteps(feed, batch, deps) : namesOf([sealed]);
    const orphans = keys.filter((key) => !named.has(key));
    await deps.inventory.remove(orphans);
    removed += orphans.length;
  }
  return removed;
};

type Naming = Pick<BatchRecord, 'tables' | 'rejects'> & Pick<StepRecord, 'piece'>;

const namesOf = (staged: readonly Naming[]): ReadonlySet<string> =>
  new Set(
    staged.flatMap(({ tables, rejects, piece }) => [
      ...[...Object.values(tables), rejects].flatMap(({ parts }) => parts.map(({ key }) => key)),
      ...(piece === undefined ? [] : [piece.key]),
    ]),
  );

/** What the steps of an unsealed batch name that count, under any of its plans: an execution may go on from them. */
const namesOfSteps = async (feed: string, batch: string, deps: SweepDeps): Promise<ReadonlySet<string>> => {
  const { keys } = await deps.records.list(`plans/${feed}/${batch}/`);
  const steps = [];
  for (const plan of keys.map(parseKeyIfOurs)) {
    if (plan?.kind !== 'plan') continue;
    for (const { key } of await liveSteps(plan, deps)) {
      steps.push(await readKnownRecord(deps.records, key, stepRecord));
    }
  }
  return namesOf(steps);
};

interface Aged<K extends Key['kind']> {
  readonly key: string;
  readonly name: Key & { readonly kind: K };
  readonly ageMs: number;
}

/**
 * The steps of a plan that count. When none was added for 30 days they are refused, as SealBatch refuses what is unfit: an
 * execution that comes all the same reads the source again as the next restart, and never names a file that is gone. The
 * files go a day later, since a seal of steps that were read before the refusal may still come.
 */
const liveSteps = async (plan: PlanName, deps: SweepDeps): Promise<readonly Aged<'step'>[]> => {
  const aged = await listAged(plan, deps);
  const refused = aged.filter(isKind('refusal')).filter(({ ageMs }) => ageMs > ORPHAN_AFTER_MS);
  const firstRestart = Math.max(0, ...refused.map(({ name }) => name.restart + 1));
  const live = aged.filter(isKind('step')).filter(({ name }) => name.restart >= firstRestart);
  if (live.length > 0 && live.every(({ ageMs }) => ageMs > GIVE_UP_AFTER_MS)) {
    const restart = Math.max(...live.map(({ name }) => name.restart));
    const key = toKey({ ...plan, kind: 'refusal', restart });
    await putRecord(deps.records, key, { invocation: deps.invocation, error: 'GivenUp' }, refusalRecord);
  }
  return live;
};

/** A plan's steps and refusals by their age, which only the inventory knows. */
const listAged = async (
  plan: PlanName,
  { inventory, clock }: SweepDeps,
): Promise<readonly Aged<Key['kind']>[]> => {
  const aged: Aged<Key['kind']>[] = [];
  for await (const { key, lastModifiedMs } of inventory.list(stepsPrefix(plan))) {
    const name = parseKeyIfOurs(key);
    if (name !== undefined) aged.push({ key, name, ageMs: clock.now() - lastModifiedMs });
  }
  return aged;
};

const isKind =
  <K extends Key['kind']>(kind: K) =>
  (aged: Aged<Key['kind']>): aged is Aged<K> =>
    aged.name.kind === kind;
