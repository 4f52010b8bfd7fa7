import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { nearest } from '../../../shared/model/nearest.ts';
import { type CommandIo, UsageError } from '../command-io.ts';
import { findInputFile } from '../input-file.ts';
import {
  AMOUNT_NAMES,
  type AmountName,
  PRICES,
  UNIT_PRICES,
  type UnitPrices,
  withOwnPrices,
} from './prices.ts';

const given = z.record(z.string(), z.number().nonnegative());

/** The prices of a JSON file, `{ "rpuHours": 0.36 }`, each in dollars for as many units as the table's; the table's for all others. Throws UsageError. */
export const readPrices = async (
  file: string | undefined,
  io: Pick<CommandIo, 'cwd'>,
): Promise<UnitPrices> => {
  if (file === undefined) return UNIT_PRICES;
  const path = await findInputFile(file, io);
  const parsed = given.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new UsageError(
      `--prices ${file}: allowed a JSON object of prices in USD, as {"rpuHours": ${PRICES.rpuHours.usd}}: ${z.prettifyError(parsed.error)}`,
    );
  const unknown = Object.keys(parsed.data).find((name) => !isName(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, AMOUNT_NAMES);
    const hint = near === undefined ? '' : `, did you mean ${near}?`;
    throw new UsageError(
      `--prices ${file}: unknown price ${unknown}${hint}; there are ${AMOUNT_NAMES.join(' ')}`,
    );
  }
  return withOwnPrices(parsed.data);
};

const isName = (name: string): name is AmountName => Object.hasOwn(PRICES, name);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
