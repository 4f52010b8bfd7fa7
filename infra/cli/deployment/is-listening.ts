import { createConnection } from 'node:net';

/** Whether something takes connections at an endpoint of this machine. */
export const isListening = async (endpoint: string): Promise<boolean> => {
  const { hostname, port } = new URL(endpoint);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
};
