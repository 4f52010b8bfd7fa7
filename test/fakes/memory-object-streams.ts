import type { Readable } from 'node:stream';
import type { ObjectStreams, ObjectVersion } from '../../handlers/ports/object-streams.ts';

/** Where uploads go. */
const BUCKET = 'bucket';

/** ObjectStreams in memory. `objects` is what was uploaded, `open` the uploads under way; `land` puts a version, `remove` takes one away. */
export const memoryObjectStreams = () => {
  const objects = new Map<string, Buffer>();
  const open = new Set<string>();
  const landed = new Map<string, { readonly bytes: Buffer; readonly lastModifiedMs: number }>();
  const nameOf = ({ bucket, key, versionId }: ObjectVersion) => `${bucket}/${key}@${versionId}`;

  const streams: ObjectStreams = {
    head: async (object) => {
      const found = landed.get(nameOf(object));
      if (found === undefined) return undefined;
      return { etag: '"e"', bytes: found.bytes.length, lastModifiedMs: found.lastModifiedMs };
    },
    open: async (object, _, range) => {
      const bytes = (landed.get(nameOf(object))?.bytes ?? Buffer.alloc(0)).subarray(range?.from, range?.to);
      return (async function* () {
        for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
      })();
    },
    upload: async (key, body: Readable, signal) => {
      open.add(key);
      const destroy = () => body.destroy(signal.reason);
      signal.addEventListener('abort', destroy);
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(Buffer.from(chunk));
        const bytes = Buffer.concat(chunks);
        objects.set(key, bytes);
        const uploaded = { bucket: BUCKET, key, versionId: `u${objects.size}` };
        landed.set(nameOf(uploaded), { bytes, lastModifiedMs: 0 });
        return { ...uploaded, etag: '"e"' };
      } finally {
        signal.removeEventListener('abort', destroy);
        open.delete(key);
      }
    },
  };
  const land = (object: ObjectVersion, text: string | Uint8Array, lastModifiedMs: number) =>
    landed.set(nameOf(object), { bytes: Buffer.from(text), lastModifiedMs });
  const remove = (key: string): void => {
    objects.delete(key);
    for (const name of landed.keys()) if (name.startsWith(`${BUCKET}/${key}@`)) landed.delete(name);
  };
  return { ...streams, objects, uploading: open, land, remove };
};
