import { InvalidInput } from '../errors.ts';

/** Durations and sizes as feed files write them. */

const DURATIONS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

const parseQuantity = (text: string, units: Readonly<Record<string, number>>, example: string): number => {
  const [, digits, unit] = /^(\d{1,9})([A-Za-z]+)$/.exec(text) ?? [];
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (digits === undefined || factor === undefined) {
    throw new InvalidInput(
      `got '${text}', allowed a number and one of ${Object.keys(units).join(' ')}, as in ${example}`,
    );
  }
  return Number(digits) * factor;
};

/** Milliseconds of `60s`, `5m`, `2h` or `7d`. Throws InvalidInput. */
export const parseDuration = (text: string): number => parseQuantity(text, DURATIONS, '60s');

/** Bytes of `512B`, `64KiB`, `64MiB` or `1GiB`. Throws InvalidInput. */
export const parseSize = (text: string): number => parseQuantity(text, SIZES, '64MiB');
