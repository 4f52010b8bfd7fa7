import { join, resolve } from 'node:path';
import { printProblem } from '../../shared/feed/document/yaml-source.ts';
import { type Connections, resolveConnections } from '../../shared/feed/resolve/connection.ts';
import { FeedProblems } from '../feed-problems.ts';
import { readIfThere } from '../read-if-there.ts';
import type { CommandIo } from './command-io.ts';

/** The connections of a feeds folder, overlaid by those of this machine; none where there is no such file. Throws FeedProblems. */
export const readConnections = async (
  folder: string,
  { cwd }: Pick<CommandIo, 'cwd'>,
): Promise<Connections> => {
  const files = await Promise.all(
    ['connections.yaml', 'connections.local.yaml'].map(async (name) => {
      const file = join(folder, name);
      return { file, text: await readIfThere(resolve(cwd, file)) };
    }),
  );
  const texts = files.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
  const { connections, problems } = resolveConnections(texts, { allowLoopback: true });
  if (connections === undefined || problems.length > 0) throw new FeedProblems(problems.map(printProblem));
  return connections;
};
