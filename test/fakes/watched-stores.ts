import type { ObjectInventory } from '../../handlers/ports/object-inventory.ts';
import type { ObjectStreams } from '../../handlers/ports/object-streams.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';

/** Told of each S3 action before it is done; throws to refuse it. The key is empty for one on the bucket. */
export type Watch = (action: string, key: string) => void;

/** A RecordStore that tells of each S3 action that it stands for. */
export const watchedRecords = (records: RecordStore, watch: Watch): RecordStore => ({
  read: async (key) => {
    watch('s3:GetObject', key);
    watch('s3:ListBucket', ''); // without it an absent key is a 403
    return records.read(key);
  },
  putIfAbsent: async (key, text) => {
    watch('s3:PutObject', key);
    // Any put may find its key there, if only by the loss of its own reply, and then reads it.
    watch('s3:GetObject', key);
    return records.putIfAbsent(key, text);
  },
  remove: async (key) => {
    watch('s3:DeleteObject', key);
    return records.remove(key);
  },
  list: async (prefix, delimiter) => {
    watch('s3:ListBucket', '');
    return records.list(prefix, delimiter);
  },
});

/** ObjectStreams that tell of each S3 action that they stand for. */
export const watchedStreams = (streams: ObjectStreams, watch: Watch): ObjectStreams => ({
  head: async (object) => {
    watch('s3:GetObjectVersion', object.key);
    return streams.head(object);
  },
  open: async (object, signal, range) => {
    watch('s3:GetObjectVersion', object.key);
    return streams.open(object, signal, range);
  },
  upload: async (key, body, signal) => {
    watch('s3:PutObject', key);
    watch('s3:AbortMultipartUpload', key); // when it fails half-way
    return streams.upload(key, body, signal);
  },
});

/** An ObjectInventory that tells of each S3 action that it stands for. */
export const watchedInventory = (inventory: ObjectInventory, watch: Watch): ObjectInventory => ({
  list: (prefix) => {
    watch('s3:ListBucket', '');
    return inventory.list(prefix);
  },
  listVersions: (...of) => {
    watch('s3:ListBucketVersions', '');
    return inventory.listVersions(...of);
  },
  remove: async (keys) => {
    for (const key of keys) watch('s3:DeleteObject', key);
    return inventory.remove(keys);
  },
  removeVersions: async (versions) => {
    for (const { key } of versions) watch('s3:DeleteObjectVersion', key);
    return inventory.removeVersions(versions);
  },
});
