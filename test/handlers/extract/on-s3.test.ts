import { zstdDecompressSync } from 'node:zlib';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3ObjectStreams } from '../../../handlers/adapters/s3-object-streams.ts';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { openCsvFile } from '../../../shared/csv/csv-file.ts';
import { readRecordText } from '../../../shared/state/record-text.ts';
import { batchRecord } from '../../../shared/state/records.ts';
import { pagedSource, pageXml } from '../../fakes/paged-source.ts';
import { BUCKET, localS3 } from '../../infra/local/s3/local-s3.ts';
import { execute, itemsFeed, numbers, schedule, worldOf } from './world.ts';

const setUp = async (source = pagedSource({ pages: 4, rowsPerPage: 500 })) => {
  const { client } = await localS3();
  const world = {
    ...worldOf(itemsFeed(), source),
    records: s3RecordStore(client, BUCKET),
    streams: s3ObjectStreams(client, BUCKET),
    openCsvFile,
  };
  const keys = async (prefix: string) =>
    ((await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }))).Contents ?? []).map(
      ({ Key = '' }) => Key,
    );
  const get = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const openUploads = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];
  return { world, keys, get, openUploads };
};

describe('an extract on S3 with zstd CSV', () => {
  it('stages every row, and seals files whose bytes and rows are as recorded', async () => {
    const { world, keys, get } = await setUp();
    expect(await execute(world, schedule())).toEqual({ outcome: 'Done' });
    const [batchKey = ''] = await keys('batches/');
    const batch = readRecordText(batchKey, (await get(batchKey)).toString(), batchRecord);
    const [part, ...others] = batch.tables['ewm.items']?.parts ?? [];
    expect(others).toEqual([]);
    const bytes = await get(part?.key ?? '');
    expect(part).toMatchObject({ rows: 2_000, bytes: bytes.length });
    const lines = zstdDecompressSync(bytes).toString().trimEnd().split('\n');
    expect(lines.map((line) => Number(line.split(',')[0]))).toEqual(numbers(2_000));
    expect(lines[0]).toBe('1,2026-11-02 00:00:01+00,w-20261101T000000000Z,1');
  });

  it('leaves no object and no upload of a slice that failed', async () => {
    const source = pagedSource({
      pages: 4,
      rowsPerPage: 500,
      onOpen: () => pageXml(1, 500).replace('</workitem>', ''),
    });
    const { world, keys, openUploads } = await setUp(source);
    expect(await execute(world, schedule())).toMatchObject({ outcome: 'SourceTruncated' });
    expect([await keys('batches/'), await keys('staged/'), await openUploads()]).toEqual([[], [], []]);
  });
});
