import { z } from 'zod';
import { openRoad } from './road.ts';

/**
 * A local cloud in a process of its own, to be killed. Each message of the parent is a time to run the feed as of, and
 * is answered with the report; each event of the cloud is told as it happens.
 */
const [assembly = '', data = ''] = process.argv.slice(2);
const road = await openRoad({ assembly, data }, { onProgress: () => process.send?.('event') });
process.on('message', (raw) => {
  void road.run(new Date(z.string().parse(raw))).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
