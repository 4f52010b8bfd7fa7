import { GetObjectCommand, ListObjectVersionsCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, expect } from 'vitest';
import { s3ObjectInventory } from '../../handlers/adapters/s3-object-inventory.ts';
import { s3ObjectStreams } from '../../handlers/adapters/s3-object-streams.ts';
import { s3RecordStore } from '../../handlers/adapters/s3-record-store.ts';
import { objectInventoryContract } from '../contract/object-inventory.ts';
import { objectStreamsContract } from '../contract/object-streams.ts';
import { recordStoreContract } from '../contract/record-store.ts';
import { warehouseContract } from '../contract/warehouse.ts';
import { inventoryBelow, streamsBelow } from './corner.ts';
import { historyLoadsOf } from './history-load.ts';
import { loadsOf } from './load.ts';
import { type Place, removePrefix, waitForEnd } from './place.ts';
import { PLACES } from './places.ts';
import { askOf } from './questions/ask.ts';

/** What holds of every S3 and every Redshift, asked of one: the contracts of the ports that are made of them, what no page says, and whole loads. */
export const suiteOf = (name: keyof typeof PLACES): void => {
  let opened: Promise<Place> | undefined;
  const place = (): Promise<Place> => {
    opened ??= PLACES[name]();
    return opened;
  };
  let corners = 0;
  /** Below the place's prefix, empty. */
  const corner = async (): Promise<Place> => {
    const of = await place();
    corners += 1;
    return { ...of, prefix: `${of.prefix}${corners}/` };
  };
  afterAll(() => opened?.then(leave));

  recordStoreContract(`S3 of ${name}`, async () => {
    const { s3, bucket, prefix } = await corner();
    return { store: s3RecordStore(s3, bucket), prefix };
  });
  objectStreamsContract(`S3 of ${name}`, async () => {
    const of = await corner();
    return {
      streams: streamsBelow(of.prefix, s3ObjectStreams(of.s3, of.bucket)),
      land: async (key, bytes) => ({ bucket: of.bucket, key, versionId: await put(of, key, bytes) }),
      uploaded: (key) => read(of, key),
    };
  });
  objectInventoryContract(`S3 of ${name}`, async () => {
    const of = await corner();
    return {
      inventory: inventoryBelow(of.prefix, s3ObjectInventory(of.s3, of.bucket)),
      put: (key) => put(of, key, Buffer.from('x')),
    };
  });
  warehouseContract(`Data API of ${name}`, async () => {
    const { warehouse, data } = await place();
    return { warehouse, end: (id) => waitForEnd(data, id) };
  });
  askOf(name, name !== 'AWS', place);
  loadsOf(name, place);
  historyLoadsOf(name, place);
};

const put = async ({ s3, bucket, prefix }: Place, key: string, bytes: Buffer): Promise<string> => {
  const { VersionId } = await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: bytes }),
  );
  return VersionId ?? expect.unreachable(`bucket ${bucket} has no versions`);
};

const read = async ({ s3, bucket, prefix }: Place, key: string): Promise<Buffer | undefined> => {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
};

/** Leaves nothing behind, and looks. */
const leave = async (place: Place): Promise<void> => {
  const { s3, bucket, prefix } = place;
  try {
    await removePrefix(s3, bucket, prefix);
    const { Versions, DeleteMarkers } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }),
    );
    expect([Versions ?? [], DeleteMarkers ?? []]).toEqual([[], []]);
  } finally {
    await place.close();
  }
};
