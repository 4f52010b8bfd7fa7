import { join } from 'node:path';
import { type FeedsFile, feedsFile } from '../../../shared/model/feed.ts';
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
