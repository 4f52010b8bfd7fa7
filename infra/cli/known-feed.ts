import { type KnownFeed, listFeeds } from '../../handlers/operate/list-feeds.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { UsageError } from './command-io.ts';
import type { Deployment } from './deployment/deployment.ts';

/** The feeds of a deployment that a command line names; where it names none, all. Throws UsageError with the nearest one. */
export const findKnownFeeds = async (
  names: readonly string[],
  { records, readFeeds }: Pick<Deployment, 'records' | 'readFeeds'>,
): Promise<readonly KnownFeed[]> => {
  const known = await listFeeds(await readFeeds(), { records });
  return names.length === 0 ? known : names.map((name) => findOne(name, known));
};

/** The feed of a deployment that somebody typed. Throws UsageError with the nearest one. */
export const findKnownFeed = async (
  name: string,
  deployment: Pick<Deployment, 'records' | 'readFeeds'>,
): Promise<KnownFeed> => findOne(name, await findKnownFeeds([], deployment));

const findOne = (name: string, known: readonly KnownFeed[]): KnownFeed => {
  const found = known.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = known.map((one) => one.name);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  throw new UsageError(`no feed ${name} is deployed here${hint}; there are ${names.join(', ') || 'none'}`);
};
