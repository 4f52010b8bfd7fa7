import type { ObjectInventory } from '../../handlers/ports/object-inventory.ts';
import type { ObjectStreams, ObjectVersion } from '../../handlers/ports/object-streams.ts';

/** A corner of a bucket that is used by others too, for contracts that want a bucket of their own. */

async function* without<T extends { readonly key: string }>(
  prefix: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T> {
  for await (const item of items) yield { ...item, key: item.key.slice(prefix.length) };
}

export const inventoryBelow = (prefix: string, inventory: ObjectInventory): ObjectInventory => ({
  list: (below) => without(prefix, inventory.list(prefix + below)),
  listVersions: (below, bucket, after) =>
    without(
      prefix,
      inventory.listVersions(prefix + below, bucket, after === undefined ? undefined : prefix + after),
    ),
  remove: (keys) => inventory.remove(keys.map((key) => prefix + key)),
  removeVersions: (versions) =>
    inventory.removeVersions(versions.map(({ key, versionId }) => ({ key: prefix + key, versionId }))),
});

export const streamsBelow = (prefix: string, streams: ObjectStreams): ObjectStreams => {
  const at = (object: ObjectVersion): ObjectVersion => ({ ...object, key: prefix + object.key });
  return {
    head: (object) => streams.head(at(object)),
    open: (object, signal, range) => streams.open(at(object), signal, range),
    upload: async (key, body, signal) => ({ ...(await streams.upload(prefix + key, body, signal)), key }),
  };
};
