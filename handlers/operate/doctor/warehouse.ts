import { isolationQuery } from '../../../shared/sql/isolation.ts';
import { newestLoadQuery } from '../../../shared/sql/ledger-query.ts';
import { type Check, type DoctorDeps, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** Whether the warehouse answers, and whether a load was ever committed: nothing else proves its user's rights and its COPY role. */
export const warehouse: Check = {
  name: 'warehouse',
  needsDeployment: true,
  look: async (deps) => {
    const answers = await orWrong('warehouse', toSetUp(deps), async () => {
      const rows = await deps.warehouse.execute(isolationQuery(), deps.signal);
      const levels = [...new Set(rows.map(([, level]) => String(level).trim()))].sort();
      return ok('warehouse', `answers; isolation of its databases: ${levels.join(', ')}`);
    });
    if (answers.state === 'ok') return [answers, await lookAtLoads(deps)];
    if (!(await deps.awaitsFirstLoad())) return [answers];
    const says = `is asked once its user is there, whom the first load makes; until then: ${answers.says}`;
    return [{ ...answers, state: 'unknown', says, remedy: 'land a file, or npx millrace trigger FEED' }];
  },
};

const toSetUp = ({ placeOf }: DoctorDeps): string =>
  `${placeOf('deploy')}, "Into a warehouse of yours", says what its user and its role need`;

const lookAtLoads = async (deps: DoctorDeps): Promise<Finding> => {
  const { warehouse: asked, signal } = deps;
  const of = 'loads';
  try {
    const [[newest = null] = []] = await asked.execute(newestLoadQuery(), signal);
    if (newest !== null)
      return ok(
        of,
        `the newest was committed at ${newest}: its user and its COPY role have the rights that a load needs`,
      );
  } catch (error) {
    // Before the first load there is no ledger.
    if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
  }
  const says = 'none was committed yet; the first shows whether its user and its COPY role have their rights';
  return { of, state: 'unknown', says, remedy: toSetUp(deps) };
};
