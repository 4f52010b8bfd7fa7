import { parseFeed } from '../../shared/feed/parse-feed.ts';
import { inferFeed, schemaParamOf } from '../../shared/infer/infer-feed.ts';
import { toFeedName } from '../../shared/infer/names.ts';
import { readShape } from '../../shared/infer/read-shape.ts';
import { applySchema, readSchema } from '../../shared/infer/schema.ts';
import type { Shape } from '../../shared/infer/shape.ts';
import { quoteLine } from '../../shared/redact/quote.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import { findSample, type Sample } from './infer-sample.ts';
import { tryPage } from './try-page.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** `millrace infer SAMPLE or URL`: reads a document once and prints the feed file that reads it. */
export const inferFromSample = async (args: VerbArguments, io: CommandIo): Promise<number> => {
  const named = firstValue(args, 'feed');
  if (named !== undefined && !/^[a-z][a-z0-9_]{0,62}$/.test(named))
    throw new UsageError(`--feed ${named}: allowed a lower-case letter, then up to 62 of a-z 0-9 _`);
  const sample = await findSample(args, io);
  const { place, name, source, connections, open } = sample;
  const shape = await tryPage(
    async () => {
      const { chunks, charset } = await open();
      return readShape(chunks, { place, charset });
    },
    () => {},
    {
      verb: 'infer',
      io,
      tell: (line) => io.stderr.write(`${line}\n`),
      quote: (text) => quoteLine(text, (redacted) => redacted),
    },
  );
  const notes = await readNotes(sample, shape, io);
  const feed = named ?? toFeedName(name);
  const check = (text: string) => parseFeed(text, { file: `${feed}.yaml`, connections, allowLoopback: true });
  io.stdout.write(inferFeed(shape, { feed, sample: place, source, notes, check }));
  return EXIT.done;
};

/** Of a server that gives its schema too, what that says; a server that refuses it is told of, and the sample alone counts. */
const readNotes = async (sample: Sample, shape: Shape, io: CommandIo): Promise<readonly string[]> => {
  const param = schemaParamOf(shape);
  if (param === undefined || sample.openSchema === undefined) return [];
  try {
    const { chunks } = await sample.openSchema(param);
    return applySchema(shape, await readSchema(chunks, `${sample.place}?${param.join('=')}`));
  } catch (error) {
    if (io.signal.aborted) throw error;
    io.stderr.write(`the schema was not read: ${error instanceof Error ? error.message : error}\n`);
    return [];
  }
};
