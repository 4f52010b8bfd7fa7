import { once } from 'node:events';
import type { Server } from 'node:http';

/** Listens on a free port of 127.0.0.1, and nowhere else. */
export const listenOnLoopback = async (
  server: Server,
): Promise<{ readonly url: string; readonly address: string }> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, address: `127.0.0.1:${port}` };
};
