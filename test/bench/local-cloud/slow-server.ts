import { createServer } from 'node:http';

/** A server that takes its time for each page: what waits for it costs no processor. */
export interface SlowServer extends AsyncDisposable {
  readonly url: string;
}

const PAGE_MS = 500;
/** Of each window, whatever it is: a page of one row, and where the next is until the last. */
const PAGES = 24;

const pageOf = (from: string, page: number): string => {
  const next = page + 1 < PAGES ? ` next="/rows?from=${from}&amp;page=${page + 1}"` : '';
  return `<rows${next}><row id="${from}-${page}" modified="${from}"/></rows>`;
};

export const startSlowServer = async (): Promise<SlowServer> => {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = pageOf(searchParams.get('from') ?? '', Number(searchParams.get('page') ?? 0));
    setTimeout(() => response.setHeader('content-type', 'application/xml').end(body), PAGE_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
