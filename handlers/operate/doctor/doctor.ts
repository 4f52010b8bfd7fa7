import { buckets } from './buckets.ts';
import type { Check, DoctorDeps, Finding } from './check.ts';
import { orWrong } from './or-wrong.ts';
import { secrets } from './secrets.ts';
import { sources } from './sources.ts';
import { usageLimit } from './usage-limit.ts';
import { warehouse } from './warehouse.ts';

/** Every check, in the order in which what is wrong is to be mended. */
const CHECKS: readonly Check[] = [secrets, sources, buckets, warehouse, usageLimit];

/** Looks at what a deployment needs, and changes nothing. Without one, at what feeds need of this machine. */
export const examine = async (
  deps: DoctorDeps,
  { hasDeployment }: { readonly hasDeployment: boolean },
): Promise<readonly Finding[]> => {
  const found: Finding[] = [];
  for (const check of CHECKS) {
    deps.signal.throwIfAborted();
    if (check.needsDeployment && !hasDeployment) continue;
    found.push(...(await lookBy(check, deps)));
  }
  return found;
};

const lookBy = async ({ name, look }: Check, deps: DoctorDeps): Promise<readonly Finding[]> => {
  let found: readonly Finding[] = [];
  const failed = await orWrong(name, `${deps.placeOf('runbook')} has the errors by their names`, async () => {
    found = await look(deps);
    return { of: name, state: 'ok', says: '', remedy: '' };
  });
  return failed.state === 'ok' ? found : [failed];
};
