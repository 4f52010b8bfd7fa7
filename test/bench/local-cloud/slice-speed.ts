import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DOCUMENTS, documentOf } from '../documents.ts';
import { toFeed } from '../feed-of.ts';
import { type BenchCloud, openBenchCloud } from './open-bench-cloud.ts';
import { readProcessorSeconds } from './processes.ts';

/** Megabytes of XML that a processor second of ExtractSlice reads: its bundle, with signing, uploads and all, as a deployment runs it. */

export interface SliceSpeed {
  readonly megabytes: number;
  readonly landedMegabytes: number;
  /** One figure a file. The first of each kind warms the process up. */
  readonly megabytesPerCpuSecond: readonly number[];
}

const FILES_OF_A_KIND = 4;

/** Processor seconds of the environments of ExtractSlice. They must live on: what ended has left /proc. */
const readSliceSeconds = (): number =>
  Object.entries(readProcessorSeconds() ?? {})
    .filter(([name]) => name.includes('ExtractSlice'))
    .reduce((sum, [, seconds]) => sum + seconds, 0);

const measureFile = async ({ cloud, deployment }: BenchCloud, path: string, key: string) => {
  const before = readSliceSeconds();
  await deployment.shore.upload(`landing/items/${key}`, path, Date.now());
  await cloud.idle();
  const failed = cloud.executions().find(({ status }) => status !== 'SUCCEEDED');
  if (failed !== undefined) throw new Error(`${failed.machine} ended with ${failed.error}: ${failed.cause}`);
  return readSliceSeconds() - before;
};

/** Lands documents of so many megabytes one after the other, plain and gzipped. */
export const measureSliceSpeed = async (
  megabytes: number,
): Promise<Readonly<Record<'plain' | 'gzip', SliceSpeed>>> => {
  const { workItems } = DOCUMENTS;
  if (workItems === undefined) throw new Error('there are no work items');
  await using bench = await openBenchCloud({ 'items.yaml': toFeed('items', workItems.contract) });
  const text = Buffer.from([...documentOf(workItems, megabytes * 1e6)].join(''));
  const measureKind = async (extension: string, bytes: Buffer): Promise<SliceSpeed> => {
    const path = join(bench.folder, `items${extension}`);
    await writeFile(path, bytes);
    const speeds: number[] = [];
    for (let file = 0; file < FILES_OF_A_KIND; file += 1)
      speeds.push(text.length / 1e6 / (await measureFile(bench, path, `${file}${extension}`)));
    return {
      megabytes: text.length / 1e6,
      landedMegabytes: statSync(path).size / 1e6,
      megabytesPerCpuSecond: speeds,
    };
  };
  const plain = await measureKind('.xml', text);
  return { plain, gzip: await measureKind('.xml.gz', await promisify(gzip)(text)) };
};
