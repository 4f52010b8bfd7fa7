import { join } from 'node:path';
import { InvalidInput } from '../../../shared/errors.ts';
import { type FeedsFile, feedsFile } from '../../../shared/model/feed.ts';
import { isOwnSource, type OwnSource } from '../../../shared/state/deployment-names.ts';
import { readIfThere } from '../../read-if-there.ts';

/** The feeds of a cloud assembly: those that its PlanBatch runs. Undefined where there is no such function. */
export const readAssemblyFeeds = async (assembly: string): Promise<FeedsFile | undefined> => {
  const { readAssembly } = await import('../../local/assembly/assembly.ts');
  const { functions } = await readAssembly(assembly);
  for (const { codeFolder } of functions) {
    const text = await readIfThere(join(codeFolder, 'feeds.json'));
    if (text !== undefined) return feedsFile.parse(JSON.parse(text));
  }
  return undefined;
};

/** The `source` of the events of a cloud assembly: that of its functions. */
export const readAssemblySource = async (assembly: string): Promise<OwnSource> => {
  const { readAssembly } = await import('../../local/assembly/assembly.ts');
  const { functions } = await readAssembly(assembly);
  for (const { environment } of functions) {
    const source = environment.EVENT_SOURCE;
    if (isOwnSource(source)) return source;
  }
  throw new InvalidInput(`no function of ${assembly} has an EVENT_SOURCE`);
};
