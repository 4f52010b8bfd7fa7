import { createReadStream } from 'node:fs';
import { openCsvFile } from '../../shared/csv/csv-file.ts';
import { STAGED_NULL } from '../../shared/csv/staged.ts';
import { parseDocument } from '../../shared/xml/document.ts';
import { DOCUMENTS } from './documents.ts';

/**
 * `node measure-shape.ts SHAPE plain|saxes FILE`: a document to CSV, by the scanner or by saxes alone, in a process of its own. The first
 * round compiles; the second is measured and printed as JSON.
 */

const [shape = '', by = '', file = ''] = process.argv.slice(2);
const contract = DOCUMENTS[shape]?.contract;
if (contract === undefined)
  throw new Error(`no shape ${shape}, allowed ${Object.keys(DOCUMENTS).join(', ')}`);

const convert = async () => {
  const files = contract.tables.map(() => openCsvFile({ nullText: STAGED_NULL, compression: 'none' }));
  const drained = files.map(async ({ body }) => {
    for await (const chunk of body) if (chunk.length === 0) throw new Error('an empty chunk');
  });
  const rowNumbers = { base: 0, used: contract.tables.map(() => 0) };
  const options = { contract, place: file, rowNumbers, saxesAlone: by === 'saxes' };
  const summary = await parseDocument(createReadStream(file, { highWaterMark: 256 * 1024 }), options, {
    row: (t, values, row, parent) => files[t]?.write([...values, String(row), String(parent ?? '')]),
    reject: (reject) => {
      throw new Error(`rejected: ${reject.path}: ${reject.reason}`);
    },
    ready: () => files.map((csv) => csv.ready()).find((wait) => wait !== undefined),
  });
  for (const csv of files) csv.end();
  await Promise.all(drained);
  return summary;
};

await convert();
const [cpu, start] = [process.threadCpuUsage(), performance.now()];
const { records, hardRecords, shapedRecords } = await convert();
const { user, system } = process.threadCpuUsage(cpu);
const seconds = (performance.now() - start) / 1000;
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds, records, hardRecords, shapedRecords }));
