import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LandedFile } from '../../../infra/cli/land-files.ts';
import { openRunning } from './running.ts';
import { differences, type Row, readRows } from './tables.ts';

/** Inspection reports for the sample feed of files: what was dropped of them, and whether the warehouse has it. */

/** Over this size the feed reads a file in ranges, as the tests deploy it. */
export const SPLIT_BYTES = 2_000;
const EACH = 40;

export interface Inspections {
  /** The file of the next round: a plain one that is read in ranges, then one that is compressed, in turn. The same ids come again, changed. */
  nextFile(): LandedFile;
  /** What differs between the warehouse and the newest file of each kind. */
  differences(data: string): Promise<readonly string[]>;
}

const inspectionXml = (id: string, round: number): string =>
  `<inspection id="${id}"><asset>Pump ${id} &amp; round ${round}</asset><result passed="${round % 2 === 0}"/>${findingsXml(id, round)}</inspection>`;
const findingsXml = (id: string, round: number): string =>
  `<findings>${`<finding code="${id}" severity="${round}"/>`.repeat((round + id.length) % 3)}</findings>`;

const idsOf = (kind: string): readonly string[] =>
  Array.from({ length: EACH }, (_, n) => `${kind}-${'x'.repeat(n % 4)}${n}`);

const documentOf = (kind: string, round: number): string =>
  `<inspections plant="${kind}">\n${idsOf(kind)
    .map((id) => inspectionXml(id, round))
    .join('\n')}\n</inspections>`;

/** `folder` is where the files lie until they are dropped. */
export const newInspections = (folder: string): Inspections => {
  let round = 0;
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string, content: string | Uint8Array): LandedFile => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { feed: 'inspections', path, landing: { bucket: undefined, prefix: 'landing/inspections/' } };
  };
  return {
    nextFile: () => {
      round += 1;
      const kind = kindOf(round);
      const text = documentOf(kind, round);
      return kind === 'plain' ? fileOf(`${round}.xml`, text) : fileOf(`${round}.xml.gz`, gzipSync(text));
    },
    differences: async (data) => {
      const deployment = await openRunning(data);
      try {
        const rows = await readRows(
          deployment,
          `SELECT i.inspection_id, i.plant, i.asset, i.passed, count(f.code) AS findings
           FROM quality.inspections i LEFT JOIN quality.findings f ON f.inspection_id = i.inspection_id
           GROUP BY 1, 2, 3, 4 ORDER BY 1`,
        );
        return differences(rows, rowsOf(round));
      } finally {
        await deployment.close();
      }
    },
  };
};

const kindOf = (round: number): string => (round % 2 === 1 ? 'plain' : 'packed');

const rowsOf = (newest: number): readonly Row[] =>
  [newest - 1, newest]
    .filter((round) => round > 0)
    .flatMap((round) =>
      idsOf(kindOf(round)).map((id) => ({
        inspection_id: id,
        plant: kindOf(round),
        asset: `Pump ${id} & round ${round}`,
        passed: round % 2 === 0,
        findings: (round + id.length) % 3,
      })),
    )
    .sort((a, b) => (a.inspection_id < b.inspection_id ? -1 : 1));
