import { batchOfFile, loadErrorsQuery } from '../../shared/sql/classify-error.ts';
import type { OpenStaged } from '../ports/staged-reader.ts';
import type { Row, StatementState, Warehouse } from '../ports/warehouse.ts';
import { isRefusal } from './load-errors.ts';
import { type PlaceDeps, tellPlace } from './refused-place.ts';

export interface LoadError {
  readonly batch: string | undefined;
  readonly message: string;
}

export interface LoadErrorDeps extends Omit<PlaceDeps, 'open'> {
  readonly warehouse: Pick<Warehouse, 'execute'>;
  /** @default - places are not looked for */
  readonly open?: OpenStaged | undefined;
}

/** Refused rows whose place is looked for: COPY ends at the first, and each reads a file from its start. */
const MAX_PLACES = 3;

/** File, line, column and reason of what COPY refused, and where in the XML its row came from; never the value. */
export const readLoadErrors = async (
  { failedQuery }: StatementState,
  { warehouse, open, ...deps }: LoadErrorDeps,
): Promise<readonly LoadError[]> => {
  if (failedQuery === undefined) return [];
  let rows: readonly Row[];
  try {
    rows = await warehouse.execute(loadErrorsQuery(failedQuery), deps.signal);
  } catch (error) {
    // The detail only helps: without a right to it, the load would be described in vain for ever, and block its feed.
    if (isRefusal(error)) return [{ batch: undefined, message: error.message }];
    throw error;
  }
  const errors: LoadError[] = [];
  for (const [at, row] of rows.entries()) {
    const [file, line, , , position] = row;
    const name = String(file).trim();
    const place =
      open === undefined || at >= MAX_PLACES
        ? ''
        : `; ${await tellPlace({ file: name, line: Number(line) }, { ...deps, open })}`;
    const at0 = position === undefined || position === null ? '' : ` position ${position}`;
    errors.push({ batch: batchOfFile(name), message: `${name} line ${line} ${toReason(row, at0)}${place}` });
  }
  return errors;
};

/** COPY quotes the value in some reasons (https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html). */
const toReason = ([, , column, reason]: Row, position: string): string =>
  `column ${String(column).trim()}${position}: ${String(reason).trim().replace(/'.*'/s, '***')}`;
