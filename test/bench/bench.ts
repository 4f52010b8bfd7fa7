import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBeside } from './beside.ts';
import { measureBundles } from './bundles.ts';
import { measureCalls } from './calls.ts';
import { compareStages } from './compare-stages.ts';
import { measureExpanding } from './expand.ts';
import { install } from './installed.ts';
import { measureLoads } from './loads.ts';
import { measureBurstAlone, measureLocalCloud } from './local-cloud/local-cloud.ts';
import { measureSliceSpeed } from './local-cloud/slice-speed.ts';
import { measureMemory } from './memory.ts';
import { round } from './numbers.ts';
import { measureShapes } from './shapes.ts';
import { workItems } from './work-items.ts';

/**
 * `npm run bench [-- --items N] [--repeats N] [--memory GB] [--files N] [--cloud-only] [--loads-only] [--calls-only]
 * [--beside-only] [--memory-only] [--burst-only] [--slice-only] [--bundles-only] [--held N] [--shape-megabytes N] [--slice-megabytes N]`: prints one JSON document. CPU seconds are of all threads where no thread is named; seconds by the clock are what a user
 * waits. The largest document converted has 5 GB; loads go into targets of up to `--held 10000000` rows, a million otherwise; `--files 2000` lands
 * so many at once on a local cloud, 200 otherwise.
 */

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

/** Peaks of `convert` over documents of 20 MB, 500 MB and so many GB. */
const measureMemories = async (millrace: readonly string[], gigabytes: number) => {
  const peaks: Record<string, { seconds: number; peakMegabytes: number }> = {};
  for (const megabytes of new Set([20, 500, gigabytes * 1000])) {
    const { seconds, peakMegabytes, status, stderr } = await measureMemory(megabytes * 1e6, millrace);
    if (status !== 0) throw new Error(`convert of ${megabytes} MB ended with ${status}: ${stderr}`);
    peaks[`${megabytes} MB`] = { seconds: round(seconds), peakMegabytes: round(peakMegabytes) };
  }
  return peaks;
};

/** Batches that requests to S3 are counted at. */
const CALLED = [10, 1_000, 10_000];

const machine = {
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  load: loadavg().map(round),
  node: process.version,
};

const measureAll = async (folder: string): Promise<object> => {
  if (process.argv.includes('--bundles-only')) return { machine, bundles: measureBundles() };
  if (process.argv.includes('--calls-only')) return { machine, calls: await measureCalls(CALLED) };
  const sliceMegabytes = option('slice-megabytes', 30);
  if (process.argv.includes('--slice-only'))
    return { machine, slice: await measureSliceSpeed(sliceMegabytes) };
  if (process.argv.includes('--beside-only'))
    return { machine, beside: measureBeside(folder, install(folder), option('repeats', 5)) };
  if (process.argv.includes('--memory-only'))
    return { machine, memory: await measureMemories(install(folder), option('memory', 5)) };
  const files = option('files', 200);
  if (process.argv.includes('--burst-only')) return { machine, localCloud: await measureBurstAlone(files) };
  const held = option('held', 1_000_000);
  const sizes = [10_000, 1_000_000, 10_000_000].filter((size) => size <= held);
  if (process.argv.includes('--loads-only')) return { machine, loads: await measureLoads(sizes) };
  const localCloud = await measureLocalCloud(files);
  if (process.argv.includes('--cloud-only')) return { machine, localCloud };
  const file = join(folder, 'work-items.xml');
  const items = option('items', 100_000);
  const out = openSync(file, 'w');
  for (const chunk of workItems(items)) writeSync(out, chunk);
  closeSync(out);
  const megabytes = statSync(file).size / 1e6;

  const { rows, zstdMegabytes, ...compared } = compareStages(file, megabytes, option('repeats', 5));
  return {
    machine,
    document: { items, megabytes: round(megabytes), rows, zstdMegabytes },
    ...compared,
    shapes: measureShapes(folder, option('shape-megabytes', 50), option('repeats', 5)),
    expanding: await measureExpanding(file),
    beside: measureBeside(folder, install(folder), option('repeats', 5)),
    memory: await measureMemories(install(folder), option('memory', 5)),
    loads: await measureLoads(sizes),
    calls: await measureCalls(CALLED),
    bundles: measureBundles(),
    slice: await measureSliceSpeed(sliceMegabytes),
    localCloud,
  };
};

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
try {
  process.stdout.write(`${JSON.stringify(await measureAll(folder), undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
