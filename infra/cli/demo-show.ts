import { targetTables } from '../../shared/model/contract.ts';
import { quoteWord } from '../../shared/quote-word.ts';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../../shared/sql/quote.ts';
import type { Content } from '../local/jazz/shape.ts';
import { toTable } from './rows-format.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

const ROWS_SHOWN = 4;

/** Prints the first rows of each table. */
export const showTables = async (terminal: Terminal, { feeds, deployment }: Session): Promise<void> => {
  for (const table of feeds.flatMap(({ contract }) => targetTables(contract))) {
    const columns = table.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const order = [...table.key.map(quoteIdentifier), '_row'].join(', ');
    const rows = await deployment.query(
      `SELECT ${columns} FROM ${quoteTable(table)} ORDER BY ${order} LIMIT ${ROWS_SHOWN}`,
    );
    terminal.line();
    terminal.line(`  ${terminal.style.accent(table.table)}`);
    showIndented(terminal, toTable(rows, terminal.columns - 4));
  }
};

/** Prints some work items that changed: what the source says, and what the warehouse has. */
export const showChanged = async (
  terminal: Terminal,
  { deployment }: Session,
  items: readonly Content[],
): Promise<void> => {
  const ids = items.map((item) => quoteLiteral(String(item.itemId))).join(', ');
  const rows = await deployment.query(
    `SELECT w.id, w.summary, w.state, w.modified, COUNT(c.item_id) AS comments FROM ewm.work_items w
LEFT JOIN ewm.comments c ON c.item_id = w.item_id WHERE w.item_id IN (${ids}) GROUP BY w.id, w.summary, w.state, w.modified ORDER BY w.id`,
  );
  terminal.line();
  terminal.line(`  three of them in ${terminal.style.accent('ewm.work_items')}, merged`);
  showIndented(terminal, toTable(rows, terminal.columns - 4));
};

const showIndented = (terminal: Terminal, text: string): void => {
  for (const line of text.trimEnd().split('\n')) terminal.line(`    ${line}`);
};

/** What a demo leaves; paths as they are typed from here. */
interface Demonstrated {
  readonly data: string;
  readonly feedsDir: string;
  readonly sampleFile: string;
  readonly isKept: boolean;
}

/** Prints what a newcomer can do from here. */
export const showNext = (terminal: Terminal, { data, feedsDir, sampleFile, isKept }: Demonstrated): void => {
  const where = data === '.millrace' ? '' : ` --data ${data}`;
  const next: readonly (readonly [string, string])[] = [
    [
      `npx millrace query${where} "select state, count(*) from ewm.work_items group by 1"`,
      'ask the warehouse',
    ],
    [
      `npx millrace convert ${quoteWord(`${feedsDir}/inspections.yaml`)} ${quoteWord(sampleFile)}`,
      'XML to CSV, no cloud at all',
    ],
    [`${feedsDir}/work_items.yaml`, 'the feed that did this: copy it for your own'],
    [`${feedsDir}/connections.yaml`, 'where the demo points it'],
    [`${data}/logs, ${data}/traces`, 'what each function said, and where the time went'],
    ...(isKept
      ? []
      : [[`npx millrace demo${where} --keep`, 'go on serving: server, schedules, warehouse'] as const]),
  ];
  terminal.line();
  terminal.line(`  ${terminal.style.bold('Next')}`);
  for (const [what, why] of next) {
    terminal.line(`    ${what}`);
    terminal.line(`      ${terminal.style.dim(why)}`);
  }
};
