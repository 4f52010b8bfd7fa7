import { openWorld, type World } from './world.ts';

export interface DeploymentsOptions {
  readonly seed: number;
  /** How many feeds each deployment has: first the one without a name. */
  readonly feeds: readonly number[];
}

/** The names of the deployments in turn. */
const ENVS = [undefined, 'test'] as const;

/**
 * Deployments side by side: their feeds bear the same names, their time is one, and so is their bus, as in one account and region of AWS. What
 * the functions of one put there the rules of the others meet, too. Each has a cloud of its own, since a local cloud runs one deployment.
 */
export const openDeployments = async ({ seed, feeds }: DeploymentsOptions): Promise<readonly World[]> => {
  const worlds: World[] = [];
  for (const [n, env] of ENVS.entries()) {
    const count = feeds[n] ?? 0;
    if (count === 0) continue;
    worlds.push(await openWorld({ feeds: count, seed: seed + n, env, dawnMs: worlds[0]?.dawnMs }));
  }
  for (const one of worlds)
    for (const other of worlds) if (other !== one) one.onEvent((event) => void other.cloud.putEvent(event));
  return worlds;
};
