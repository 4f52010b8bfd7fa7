import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { DOCUMENTS, documentOf } from './documents.ts';
import { median, round } from './numbers.ts';

/** Documents of several shapes: the scanner in front of saxes against saxes alone, in turn, over the same file. */

const sample = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  records: z.number(),
  hardRecords: z.number(),
  shapedRecords: z.number(),
});

const measure = (shape: string, by: 'plain' | 'saxes', file: string) => {
  const program = new URL('measure-shape.ts', import.meta.url).pathname;
  const printed = execFileSync(process.execPath, [program, shape, by, file], { encoding: 'utf8' });
  return sample.parse(JSON.parse(printed));
};

/** By shape: the ratios of throughput to saxes alone, by CPU seconds of the thread that parses, and how many records were hard, or read by a shape. */
export const measureShapes = (folder: string, megabytes: number, repeats: number) => {
  const measured: Record<string, object> = {};
  for (const [shape, document] of Object.entries(DOCUMENTS)) {
    const file = join(folder, `${shape}.xml`);
    const out = openSync(file, 'w');
    let bytes = 0;
    for (const chunk of documentOf(document, megabytes * 1e6)) bytes += writeSync(out, chunk);
    closeSync(out);
    const rounds = Array.from({ length: repeats }, () => ({
      plain: measure(shape, 'plain', file),
      saxes: measure(shape, 'saxes', file),
    }));
    const plain = median(rounds.map((one) => one.plain.cpuSeconds));
    measured[shape] = {
      megabytes: round(bytes / 1e6),
      megabytesPerCpuSecond: round(bytes / 1e6 / plain),
      ratioToSaxesAlone: round(median(rounds.map((one) => one.saxes.cpuSeconds)) / plain),
      records: rounds[0]?.plain.records,
      hardRecords: rounds[0]?.plain.hardRecords,
      shapedRecords: rounds[0]?.plain.shapedRecords,
    };
  }
  return measured;
};
