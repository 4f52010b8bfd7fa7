import { createServer } from 'node:http';
import { zstdCompressSync } from 'node:zlib';

/** S3 as far as COPY needs it: objects in memory, by `/bucket/key`. */
export interface ObjectsServer {
  readonly url: string;
  put(key: string, body: string | Buffer): void;
  /** Puts a part file: CSV, zstd-compressed. */
  putCsv(key: string, csv: string): void;
  /** Puts a manifest of mandatory entries of bucket `b`. */
  putManifest(key: string, parts: readonly string[]): void;
  /** Keeps readers of an object waiting; resolves `reached` when there is one, and serves it after `release`. */
  hold(key: string): { readonly reached: Promise<void>; release(): void };
  /** Announces more of an object than it sends, then cuts the connection. */
  cut(key: string): void;
  close(): void;
}

export const startObjectsServer = async (): Promise<ObjectsServer> => {
  const objects = new Map<string, string | Buffer>();
  const cut = new Set<string>();
  const held = new Map<string, { reach(): void; readonly released: Promise<void> }>();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://s3').pathname;
    const body = objects.get(decodeURIComponent(path));
    held.get(path)?.reach();
    await held.get(path)?.released;
    if (body === undefined) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end(
        '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>',
      );
    } else if (cut.has(path)) {
      response.writeHead(200, { 'content-length': body.length + 100 });
      response.write(body, () => response.destroy());
    } else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const put = (key: string, body: string | Buffer): void => {
    objects.set(`/bucket/${key}`, body);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    put,
    putCsv: (key, csv) => put(key, zstdCompressSync(csv)),
    putManifest: (key, parts) => {
      const entries = parts.map((part) => ({ url: `s3://bucket/${part}`, mandatory: true }));
      put(key, JSON.stringify({ entries }));
    },
    hold: (key) => {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      held.set(`/bucket/${key}`, { reach: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    cut: (key) => cut.add(`/bucket/${key}`),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
