import { decodeOnly, parseOnly, readOnly, saxesAlone, toRows, toStagedCsv } from './stages.ts';

/**
 * `node measure-stage.ts STAGE FILE`: one stage in a process of its own, since code that V8 has compiled for one user of saxes is slower for
 * another. The first round compiles; the second is measured and printed as JSON.
 */

const STAGES = {
  read: readOnly,
  readAndDecode: decodeOnly,
  saxesAlone,
  parse: parseOnly,
  xmlToRows: toRows,
  xmlToZstdCsv: toStagedCsv,
};

const cpu = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / 1e6;

const [stage = '', file = ''] = process.argv.slice(2);
const work = Object.entries(STAGES).find(([name]) => name === stage)?.[1];
if (work === undefined) throw new Error(`no stage ${stage}, allowed ${Object.keys(STAGES).join(', ')}`);
await work(file);
const [all, main, start] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
const result = await work(file);
const sample = {
  seconds: (performance.now() - start) / 1000,
  cpuSeconds: cpu(process.cpuUsage(all)),
  mainThreadCpuSeconds: cpu(process.threadCpuUsage(main)),
};
process.stdout.write(JSON.stringify({ ...sample, result }));
