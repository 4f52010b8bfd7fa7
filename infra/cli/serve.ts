import type { CommandIo } from './command-io.ts';
import type { Session } from './session.ts';
import type { ServedWatch } from './watch-served.ts';

/** From now on schedules fire by the clock, and what ends is told; ends, by rejecting, with Ctrl-C and with what the cloud fails of. */
export const serve = async (
  session: Session,
  watch: ServedWatch,
  { signal }: Pick<CommandIo, 'signal'>,
): Promise<never> => {
  await watch.begin(session);
  session.cloud.serve();
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    void session.cloud.failed.then(reject);
  });
};
