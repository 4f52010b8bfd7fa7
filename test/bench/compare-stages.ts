import { execFileSync } from 'node:child_process';
import * as z from 'zod';
import { median, round } from './numbers.ts';

/** Runs the stages in turn, again and again, so that a busy machine slows all of them, and compares their medians. */

const STAGES = ['read', 'readAndDecode', 'saxesAlone', 'parse', 'xmlToRows', 'xmlToZstdCsv'] as const;
type Stage = (typeof STAGES)[number];

const sample = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  mainThreadCpuSeconds: z.number(),
  result: z.object({ rows: z.number(), bytes: z.number() }).optional(),
});
type Sample = z.infer<typeof sample>;
type Figure = 'seconds' | 'cpuSeconds' | 'mainThreadCpuSeconds';

const measure = (stage: Stage, file: string): Sample => {
  const program = new URL('measure-stage.ts', import.meta.url).pathname;
  return sample.parse(
    JSON.parse(execFileSync(process.execPath, [program, stage, file], { encoding: 'utf8' })),
  );
};

export const compareStages = (file: string, megabytes: number, repeats: number) => {
  const samples = new Map<Stage, Sample[]>(STAGES.map((stage) => [stage, []]));
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const stage of STAGES) samples.get(stage)?.push(measure(stage, file));
  }
  const of = (stage: Stage, figure: Figure): number =>
    median((samples.get(stage) ?? []).map((one) => one[figure]));
  const ratio = (stage: Stage, figure: Figure): number => round(of('saxesAlone', figure) / of(stage, figure));
  const stages = STAGES.map((stage) => [
    stage,
    {
      megabytesPerSecond: round(megabytes / of(stage, 'seconds')),
      seconds: round(of(stage, 'seconds')),
      cpuSeconds: round(of(stage, 'cpuSeconds')),
      mainThreadCpuSeconds: round(of(stage, 'mainThreadCpuSeconds')),
    },
  ]);
  const { rows, bytes } = samples.get('xmlToZstdCsv')?.[0]?.result ?? { rows: 0, bytes: 0 };
  return {
    rows,
    zstdMegabytes: round(bytes / 1e6),
    stages: Object.fromEntries(stages),
    /** Throughput against saxes alone: by the clock, and by the CPU time of the thread that parses, which a busy machine changes less. */
    ratioToSaxes: {
      wall: ratio('xmlToZstdCsv', 'seconds'),
      mainThreadCpu: ratio('xmlToZstdCsv', 'mainThreadCpuSeconds'),
    },
    limits: limitsOf(of),
  };
};

/** Where the time of the whole road goes, in CPU seconds; the thread with the larger sum is what limits it on two free cores. */
const limitsOf = (of: (stage: Stage, figure: Figure) => number) => {
  const main = (stage: Stage): number => of(stage, 'mainThreadCpuSeconds');
  const whole = main('xmlToZstdCsv');
  const others = of('xmlToZstdCsv', 'cpuSeconds') - whole;
  const clock = of('xmlToZstdCsv', 'seconds');
  return {
    mainThread: {
      readAndDecode: round(main('readAndDecode')),
      parse: round(main('parse') - main('readAndDecode')),
      matchAndType: round(main('xmlToRows') - main('parse')),
      encode: round(whole - main('xmlToRows')),
    },
    otherThreads: { compress: round(others) },
    limitedBy: whole >= others ? 'the thread that parses' : 'the thread that compresses',
    /** The clock over the busier thread's CPU: 1 where its core is free for it; more says how busy the machine is with other work. */
    waiting: round(clock / Math.max(whole, others)),
  };
};
