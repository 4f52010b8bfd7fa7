import { join, resolve } from 'node:path';
import { quoteWord } from '../../shared/quote-word.ts';
import { onThisMachine, readFeeds } from '../feeds-folder.ts';
import { realClock } from '../local/clock.ts';
import { startLocalCloud } from '../local/cloud.ts';
import { synthesize } from '../local/synthesize.ts';
import { lockFolder } from '../local/take-lock.ts';
import type { CommandIo } from './command-io.ts';
import { toClock } from './deployment/open-deployment.ts';
import { openRunningCloud } from './deployment/running-cloud.ts';
import type { SessionParts } from './session.ts';

/** The real parts of a session: the CDK app, and the local cloud that runs what it gives. */
export const localParts = (io: CommandIo): SessionParts => ({
  clock: realClock,
  readFeeds: (feedsDir) => readFeeds(feedsDir, onThisMachine(io.cwd)),
  lockFolder,
  synthesize: ({ feedsDir, data, signal }) =>
    synthesize({ feeds: feedsDir, out: join(data, 'cdk.out'), signal }),
  startCloud: startLocalCloud,
  openCloud: async (_cloud, data) => {
    const options = data === resolve(io.cwd, '.millrace') ? '' : ` --data ${quoteWord(data)}`;
    const running = await openRunningCloud(data, { signal: io.signal, clock: toClock(io), options });
    if (running === undefined)
      throw new Error(`the local cloud did not say in ${data}/cloud.json where it is`);
    return running;
  },
});
