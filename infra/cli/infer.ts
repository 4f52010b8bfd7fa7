import { parseFeed } from '../../shared/feed/parse-feed.ts';
import { inferFeed } from '../../shared/infer/infer-feed.ts';
import { toFeedName } from '../../shared/infer/names.ts';
import { readShape } from '../../shared/infer/read-shape.ts';
import { firstValue, type VerbArguments } from './arguments.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { findSample } from './infer-sample.ts';

/** `millrace infer SAMPLE or URL`: reads a document once and prints the feed file that reads it. */
export const infer = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const named = firstValue(args, 'feed');
  if (named !== undefined && !/^[a-z][a-z0-9_]{0,62}$/.test(named))
    throw new UsageError(`--feed ${named}: allowed a lower-case letter, then up to 62 of a-z 0-9 _`);
  const { place, name, source, connections, open } = await findSample(args, io);
  const { chunks, charset } = await open();
  const shape = await readShape(chunks, { place, charset });
  const feed = named ?? toFeedName(name);
  const check = (text: string) => parseFeed(text, { file: `${feed}.yaml`, connections, allowLoopback: true });
  io.stdout.write(inferFeed(shape, { feed, sample: place, source, check }));
  return EXIT.done;
};
