import type { z } from 'zod';
import { DELETE_MODES } from '../model/deletes.ts';
import { DISPOSITIONS } from '../model/disposition.ts';
import { AUTH_KINDS } from '../source/auth/registry.ts';
import { PAGING_FORMS } from '../source/paging/registry.ts';
import { CONSEQUENCES } from '../source/responses/registry.ts';
import { VALUE_VARIABLES } from '../source/value-variables.ts';
import { compareKeysDocument } from './document/deletes.ts';

/** The tables of docs/feeds.md that registries make: one row a word that a user chooses. */

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const code = (text: string): string => `\`${text}\``;

/** Each key with what it is; those that may be left out say so themselves. */
const keysOf = ({ shape }: z.ZodObject, without: string): string =>
  Object.entries(shape)
    .filter(([key]) => key !== without)
    .map(([key, schema]) => {
      const { description } = (schema as z.ZodType).meta() ?? {};
      return description === undefined ? code(key) : `${code(key)}: ${description}`;
    })
    .join('; ');

/** Kinds of `auth`. */
export const authTable = (): string =>
  [
    row('kind', 'what it does', 'keys'),
    row('---', '---', '---'),
    ...AUTH_KINDS.map(({ kind, says, schema }) => row(code(kind), says, keysOf(schema, 'kind'))),
  ].join('\n');

/** Forms of `next`. */
export const pagingTable = (): string =>
  [
    row('key', 'what it does', 'keys'),
    row('---', '---', '---'),
    ...PAGING_FORMS.map(({ head, says, schema }) => row(code(head), says, keysOf(schema, ''))),
  ].join('\n');

/** Variables of `value`. */
export const valueTable = (): string =>
  [
    row('variable', 'needs', 'stands for'),
    row('---', '---', '---'),
    ...VALUE_VARIABLES.map(({ name, needs, says }) => row(code(`\${${name}}`), needs, says)),
  ].join('\n');

/** Words of `disposition`. */
export const dispositionTable = (): string =>
  [
    row('disposition', 'what it does'),
    row('---', '---'),
    ...DISPOSITIONS.map(({ word, says }) => row(code(word), says)),
  ].join('\n');

/** Words of `mode`. */
export const deletesTable = (): string =>
  [
    row('mode', 'what becomes of the row'),
    row('---', '---'),
    ...DELETE_MODES.map(({ word, says }) => row(code(word), says)),
  ].join('\n');

/** Keys of `compareKeys`. */
export const compareKeysTable = (): string =>
  [
    row('key', 'what it does'),
    row('---', '---'),
    ...Object.entries(compareKeysDocument.shape).map(([key, schema]) =>
      row(code(key), schema.meta()?.description ?? ''),
    ),
  ].join('\n');

/** Words of `then`. */
export const responsesTable = (): string =>
  [
    row('then', 'what it does'),
    row('---', '---'),
    ...CONSEQUENCES.map(({ word, says }) => row(code(word), says)),
  ].join('\n');
