import { tellDefaultSizes } from '../local/redshift/sql/default-sizes.ts';
import { type CommandIo, EXIT, UsageError } from './command-io.ts';
import type { Deployment } from './deployment/deployment.ts';
import { isOnAws } from './deployment/where.ts';
import { placeOf } from './page-place.ts';
import { FORMATS, type Format, formatRows } from './rows-format.ts';
import { firstValue, type VerbArguments } from './verbs/verb.ts';

/** Opens the deployment whose warehouse is asked. */
export type OpenToQuery = (
  args: VerbArguments,
  io: CommandIo,
) => Promise<Pick<Deployment, 'query' | 'close'>>;

/** `millrace query`: runs one statement and prints its rows on stdout. */
export const queryWarehouse = async (
  args: VerbArguments,
  io: CommandIo,
  open: OpenToQuery,
): Promise<number> => {
  const format = toFormat(firstValue(args, 'format') ?? 'table');
  const warehouse = await open(args, io);
  try {
    const [sql = ''] = args.operands;
    for (const told of tellDefaultSizes(sql)) io.stderr.write(`note: ${told}\n`);
    const rows = await ask(warehouse, sql, args);
    io.stdout.write(formatRows(rows, format));
    return EXIT.done;
  } finally {
    await warehouse.close();
  }
};

/** What the warehouse refuses is a person's to mend; all else says its own way out. */
const ask = async (
  warehouse: Pick<Deployment, 'query'>,
  sql: string,
  args: VerbArguments,
): ReturnType<Deployment['query']> => {
  try {
    return await warehouse.query(sql);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('ERROR: '))) throw error;
    const known = isOnAws(args)
      ? ''
      : `; npx millrace validate names the tables of feeds, ${placeOf('local-sql')} the SQL that the local warehouse takes`;
    throw new Error(`${error.message}; mend the statement${known}`, { cause: error });
  }
};

const toFormat = (text: string): Format => {
  const found = FORMATS.find((format) => format === text);
  if (found === undefined)
    throw new UsageError(`--format takes ${FORMATS.join(', ')}, got ${JSON.stringify(text)}`);
  return found;
};
