import { describe, expect, it } from 'vitest';
import type { Source, SourceClock, SourceRequest } from '../../handlers/ports/source.ts';

export interface OpenedSource {
  readonly source: Source & SourceClock;
  /** Asks for a page, by its number from 1. */
  request(page: number): SourceRequest;
  /** What the page holds. */
  page(page: number): string;
}

/** The words of the Source and SourceClock ports, as tests; `open` gives a source of two pages or more. */
export const sourceContract = (name: string, open: () => Promise<OpenedSource>) => {
  const limits = { signal: new AbortController().signal, deadlineMs: Date.parse('2100-01-01T00:00:00Z') };
  const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  describe(`Source, ${name}`, () => {
    it('gives the bytes of the page that is asked for, in whatever order, also again', async () => {
      const { source, request, page } = await open();
      for (const n of [2, 1, 2]) {
        const { body } = await source.open(request(n), limits);
        expect(await textOf(body)).toBe(page(n));
      }
    });

    it('gives two pages at once', async () => {
      const { source, request, page } = await open();
      const responses = await Promise.all([1, 2].map((n) => source.open(request(n), limits)));
      expect(await Promise.all(responses.map(({ body }) => textOf(body)))).toEqual([page(1), page(2)]);
    });

    it('says where the answer came from, without credentials', async () => {
      const { source, request } = await open();
      const { url, body } = await source.open(request(1), limits);
      await textOf(body);
      expect(url).toBe(request(1).url);
    });

    it("ends with the signal's reason", async () => {
      const { source, request } = await open();
      const reason = new Error('no more time');
      const signal = AbortSignal.abort(reason);
      await expect(source.open(request(1), { ...limits, signal })).rejects.toBe(reason);
      await expect(source.readClock(request(1).url, request(1), signal)).rejects.toBe(reason);
    });

    it('fails a body under way with the reason of a signal that fires', async () => {
      const { source, request } = await open();
      const reason = new Error('no more time');
      const controller = new AbortController();
      const { body } = await source.open(request(1), { ...limits, signal: controller.signal });
      controller.abort(reason);
      await expect(textOf(body)).rejects.toBe(reason);
    });

    it('tells its own clock in whole seconds', async () => {
      const { source, request } = await open();
      const clockMs = await source.readClock(request(1).url, request(1), limits.signal);
      expect(clockMs).toBeGreaterThan(0);
      expect((clockMs ?? 0) % 1000).toBe(0);
    });
  });
};
