import { join } from 'node:path';
import { onThisMachine, readFeeds } from '../feeds-folder.ts';
import { realClock } from '../local/clock.ts';
import { startLocalCloud } from '../local/cloud.ts';
import { synthesize } from '../local/synthesize.ts';
import { lockFolder } from '../local/take-lock.ts';
import type { CommandIo } from './command-io.ts';
import { openRunningCloud } from './local-warehouse.ts';
import type { SessionParts } from './session.ts';

/** The real parts of a session: the CDK app, and the local cloud that runs what it gives. */
export const localParts = ({ cwd }: CommandIo): SessionParts => ({
  clock: realClock,
  readFeeds: (feedsDir) => readFeeds(feedsDir, onThisMachine(cwd)),
  lockFolder,
  synthesize: ({ feedsDir, data, signal }) =>
    synthesize({ feeds: feedsDir, out: join(data, 'cdk.out'), signal }),
  startCloud: startLocalCloud,
  openClients: async (_cloud, data) => {
    const clients = await openRunningCloud(data);
    if (clients === undefined)
      throw new Error(`the local cloud did not say in ${data}/cloud.json where it is`);
    return clients;
  },
});
