import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inlineEncoder, openWorkerEncoder } from '../../shared/csv/encoder.ts';
import { measureMemory } from './memory.ts';
import { measurePeers } from './peers.ts';
import { decodeOnly, readOnly, saxesAlone, toRows, toStagedCsv } from './stages.ts';
import { workItems } from './work-items.ts';

/**
 * `npm run bench [-- --items N] [--repeats N] [--memory GB] [--no-peers]`: prints one JSON document. Stages are interleaved, and their
 * medians compared, so that a busy machine slows all of them; CPU seconds are of all threads, wall seconds are what a user waits.
 */

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mainCpuSeconds: number;
}

const cpu = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / 1e6;

const measure = async (work: () => Promise<unknown>): Promise<Sample> => {
  const [all, main, start] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
  await work();
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: cpu(process.cpuUsage(all)),
    mainCpuSeconds: cpu(process.threadCpuUsage(main)),
  };
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const round = (n: number): number => Math.round(n * 1000) / 1000;

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
try {
  const file = join(folder, 'work-items.xml');
  const items = option('items', 100_000);
  const out = openSync(file, 'w');
  for (const chunk of workItems(items)) writeSync(out, chunk);
  closeSync(out);
  const megabytes = statSync(file).size / 1e6;

  const worker = openWorkerEncoder(new URL('../../shared/csv/encode-worker.ts', import.meta.url));
  const stages: Readonly<Record<string, () => Promise<unknown>>> = {
    read: () => readOnly(file),
    readAndDecode: () => decodeOnly(file),
    saxesAlone: () => saxesAlone(file),
    xmlToRows: () => toRows(file),
    xmlToZstdCsvInline: () => toStagedCsv(file, inlineEncoder),
    xmlToZstdCsv: () => toStagedCsv(file, worker),
  };
  const samples = new Map<string, Sample[]>(Object.keys(stages).map((name) => [name, []]));
  for (let repeat = 0; repeat <= option('repeats', 5); repeat += 1) {
    for (const [name, work] of Object.entries(stages)) {
      const sample = await measure(work);
      // The first round compiles the code.
      if (repeat > 0) samples.get(name)?.push(sample);
    }
  }
  const of = (name: string, what: keyof Sample): number =>
    median((samples.get(name) ?? []).map((s) => s[what]));
  const ratio = (name: string, what: keyof Sample): number => round(of('saxesAlone', what) / of(name, what));
  const result = await toStagedCsv(file, worker);
  await worker.close();

  const report = {
    machine: {
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      load: loadavg().map(round),
      node: process.version,
    },
    document: {
      items,
      megabytes: round(megabytes),
      rows: result.rows,
      zstdMegabytes: round(result.bytes / 1e6),
    },
    stages: Object.fromEntries(
      Object.keys(stages).map((name) => [
        name,
        {
          megabytesPerSecond: round(megabytes / of(name, 'seconds')),
          seconds: round(of(name, 'seconds')),
          cpuSeconds: round(of(name, 'cpuSeconds')),
          mainThreadCpuSeconds: round(of(name, 'mainCpuSeconds')),
        },
      ]),
    ),
    /** Throughput against saxes alone: by the clock, and by the CPU time of the thread that parses, which a busy machine changes less. */
    ratioToSaxes: {
      wall: { worker: ratio('xmlToZstdCsv', 'seconds'), inline: ratio('xmlToZstdCsvInline', 'seconds') },
      mainThreadCpu: {
        worker: ratio('xmlToZstdCsv', 'mainCpuSeconds'),
        inline: ratio('xmlToZstdCsvInline', 'mainCpuSeconds'),
      },
    },
    peers: process.argv.includes('--no-peers') ? 'skipped' : await measurePeers(file, megabytes),
    memory: process.argv.includes('--memory')
      ? await measureMemory(option('memory', 5) * 1e9)
      : 'skipped; ask with --memory 5',
  };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
