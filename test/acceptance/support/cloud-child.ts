import * as z from 'zod';
import { openRoad } from './road.ts';

/**
 * A local cloud in a process of its own, to be killed. Each message of the parent has files to drop and a time to run
 * the feed as of, and is answered with the report; each event of the cloud is told as it happens.
 */
// A message has no undefined: it is our own bucket.
const landed = z
  .object({ feed: z.string(), path: z.string(), landing: z.object({ prefix: z.string() }) })
  .transform(({ landing, ...file }) => ({ ...file, landing: { bucket: undefined, ...landing } }));
const work = z.object({ at: z.string(), files: z.array(landed) });

const [assembly = '', data = ''] = process.argv.slice(2);
const road = await openRoad({ assembly, data }, { onProgress: () => process.send?.('event') });
process.on('message', (raw) => {
  const { at, files } = work.parse(raw);
  void road.run(new Date(at), files).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
