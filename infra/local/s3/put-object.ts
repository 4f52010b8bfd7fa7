import { recordCreated } from './bucket-events.ts';
import type { Call, Reply } from './call.ts';
import { checkWriteConditions } from './conditions.ts';
import { checksumHeaders, quoted, storedHeadersOf, writtenHeaders } from './object-headers.ts';
import { putTime } from './put-time.ts';
import { receiveBody } from './receive-body.ts';
import { type NewVersion, NULL_VERSION, newVersionId } from './versions.ts';

/**
 * PutObject. The condition is checked before the body, to spare it, and again at the commit, where it counts: of
 * many conditional puts at once exactly one is answered 200.
 */
export const putObject = async (call: Call): Promise<Reply> => {
  checkWriteConditions(call);
  const headers = storedHeadersOf(call);
  const body = await receiveBody(call);
  try {
    return call.store.commit(() => {
      checkWriteConditions(call);
      const version: NewVersion = {
        ...freshVersion(call),
        etag: body.etag,
        size: body.staged.size,
        headers,
        checksum: body.checksum === undefined ? null : { ...body.checksum, type: 'FULL_OBJECT' },
        blobs: [call.store.blobs.keep(body.staged)],
      };
      addVersion(call, version);
      recordCreated(call, { ...version, is_latest: true }, 'PutObject');
      return {
        status: 200,
        headers: {
          ...writtenHeaders(call, { ...version, is_latest: true }),
          ...checksumHeaders(version.checksum),
          etag: quoted(version.etag),
        },
      };
    });
  } catch (cause) {
    await call.store.blobs.abandon(body.staged);
    throw cause;
  }
};

/** The fields that every new version of the call's key shares. Call it inside the transaction that adds it. */
export const freshVersion = (call: Call) => ({
  born: call.store.tick(),
  bucket: call.bucket.name,
  key: call.key,
  version: call.bucket.isVersioned ? newVersionId() : NULL_VERSION,
  is_marker: false,
  modified: putTime(call),
});

/** Adds a version; in a bucket without versioning it takes the place of the one before. */
export const addVersion = (call: Call, version: NewVersion): void => {
  const { versions, blobs } = call.store;
  const replaced = call.bucket.isVersioned
    ? undefined
    : versions.find(call.bucket.name, call.key, NULL_VERSION);
  const dropped = replaced === undefined ? [] : versions.remove(call.bucket.name, call.key, replaced);
  versions.add(version);
  blobs.release(dropped);
};
