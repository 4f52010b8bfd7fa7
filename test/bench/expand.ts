import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openDocument } from '../../handlers/extract/open-document.ts';
import { startStopwatch } from '../../handlers/extract/stopwatch.ts';
import type { ObjectStreams } from '../../handlers/ports/object-streams.ts';
import { DEFAULT_LIMITS } from '../../shared/xml/limits.ts';
import { round } from './numbers.ts';

/**
 * How fast a compressed document is expanded, without its upload: what a function that goes on behind the pieces of others spends on each
 * megabyte that it drops, and the least that it spends on each that it uploads.
 */

/** S3's bodies come in chunks of about so many bytes. */
const READ_BYTES = 64 * 1024;

const PACKERS = { gzip: gzipSync, zstd: zstdCompressSync } as const;

const cpuSeconds = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / 1e6;

const expand = async (file: string): Promise<number> => {
  const open: ObjectStreams['open'] = async () => createReadStream(file, { highWaterMark: READ_BYTES });
  const streams = { open } as Pick<ObjectStreams, 'open'> as ObjectStreams;
  const signal = new AbortController().signal;
  const bytes = statSync(file).size;
  const object = { bucket: 'bench', key: file, versionId: 'v', etag: '', bytes, lastModified: '' };
  const of = { object, from: 0, limits: DEFAULT_LIMITS, read: { bytes: 0 } };
  let expanded = 0;
  for await (const chunk of openDocument(of, { streams, signal, stopwatch: startStopwatch() })) {
    expanded += chunk.length;
  }
  return expanded;
};

/** Packs a document in each way and expands it again; megabytes are those of the document. */
export const measureExpanding = async (file: string) => {
  const measured: Record<string, object> = {};
  for (const [name, pack] of Object.entries(PACKERS)) {
    const packed = `${file}.${name}`;
    writeFileSync(packed, pack(readFileSync(file)));
    await expand(packed); // compiles
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const megabytes = (await expand(packed)) / 1e6;
    const seconds = (performance.now() - start) / 1000;
    measured[name] = {
      ratio: round((megabytes * 1e6) / statSync(packed).size),
      megabytesPerSecond: round(megabytes / seconds),
      megabytesPerCpuSecond: round(megabytes / cpuSeconds(process.cpuUsage(cpu))),
    };
  }
  return measured;
};
