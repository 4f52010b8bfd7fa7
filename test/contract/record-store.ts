import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import { rounds } from '../rounds.ts';

/** The words of the RecordStore port, as tests; `open` gives an empty store (or an empty corner of a shared one). */
export const recordStoreContract = (
  name: string,
  open: () => Promise<{ store: RecordStore; prefix: string }>,
) => {
  describe(`RecordStore, ${name}`, () => {
    it('reads undefined where nothing was put', async () => {
      const { store, prefix } = await open();
      expect(await store.read(`${prefix}none`)).toBeUndefined();
    });

    it('reads what was put, whatever the text', async () => {
      const { store, prefix } = await open();
      const texts = ['{}', '', 'zażółć 😀\n\u0001'];
      for (const [i, text] of texts.entries()) {
        expect(await store.putIfAbsent(`${prefix}t${i}`, text)).toBeUndefined();
        expect(await store.read(`${prefix}t${i}`)).toBe(text);
      }
    });

    it('keeps the first text and answers it to every later put', async () => {
      const { store, prefix } = await open();
      await store.putIfAbsent(`${prefix}a`, 'first');
      expect(await store.putIfAbsent(`${prefix}a`, 'second')).toBe('first');
      expect(await store.putIfAbsent(`${prefix}a`, 'first')).toBe('first');
      expect(await store.read(`${prefix}a`)).toBe('first');
    });

    it('lets exactly one of many concurrent puts win, and tells the others who did', async () => {
      const { store, prefix } = await open();
      const texts = Array.from({ length: 8 }, (_, i) => `writer ${i}`);
      const answers = await Promise.all(texts.map((text) => store.putIfAbsent(`${prefix}a`, text)));
      const winner = await store.read(`${prefix}a`);
      expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
      expect(texts[answers.indexOf(undefined)]).toBe(winner);
      expect(new Set(answers.filter((answer) => answer !== undefined))).toEqual(new Set([winner]));
    });

    it('removes a key, twice if asked, after which it can be put anew', async () => {
      const { store, prefix } = await open();
      await store.putIfAbsent(`${prefix}a`, 'old');
      await store.remove(`${prefix}a`);
      await store.remove(`${prefix}a`);
      expect(await store.read(`${prefix}a`)).toBeUndefined();
      expect((await store.list(prefix)).keys).toEqual([]);
      expect(await store.putIfAbsent(`${prefix}a`, 'new')).toBeUndefined();
    });

    it('lists all keys below a prefix in order, also more than one page of a thousand', async () => {
      const { store, prefix } = await open();
      const keys = Array.from({ length: 1_001 }, (_, i) => `${prefix}k/${String(i).padStart(5, '0')}`);
      for (let i = 0; i < keys.length; i += 50) {
        await Promise.all(keys.slice(i, i + 50).map((key) => store.putIfAbsent(key, 'x')));
      }
      expect(await store.list(`${prefix}k/`)).toEqual({ keys, folders: [] });
    });

    it('lists keys and folders directly below a prefix, whole and in order', async () => {
      const { store, prefix } = await open();
      for (const key of ['a.json', 'b/1', 'b/2', 'c/d/e', 'b.json']) {
        await store.putIfAbsent(prefix + key, 'x');
      }
      expect(await store.list(prefix, '/')).toEqual({
        keys: [`${prefix}a.json`, `${prefix}b.json`],
        folders: [`${prefix}b/`, `${prefix}c/`],
      });
    });

    it('lists what any puts and removals leave', async () => {
      const steps = fc.array(fc.tuple(fc.constantFrom('put', 'remove'), fc.constantFrom('a', 'b', 'c/d')), {
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(steps, async (moves) => {
          const { store, prefix } = await open();
          const left = new Set<string>();
          for (const [verb, name] of moves) {
            if (verb === 'put') {
              await store.putIfAbsent(prefix + name, 'x');
              left.add(prefix + name);
            } else {
              await store.remove(prefix + name);
              left.delete(prefix + name);
            }
          }
          expect((await store.list(prefix)).keys).toEqual([...left].sort());
        }),
        { numRuns: rounds(20) },
      );
    });
  });
};
