import * as z from 'zod';
import { InvalidInput } from '../../errors.ts';
import type { PagingForm } from './form.ts';
import { header } from './header.ts';
import { link } from './link.ts';
import { offset } from './offset.ts';
import { page } from './page.ts';
import { token } from './token.ts';

/** The forms of paging, by the key that chooses one. A new form is its file and its place in this list. */
const FORMS = [token, page, offset, header] as const;

export const PAGING_FORMS: readonly PagingForm[] = [link, ...FORMS];

/** `next` of a feed, as it is written and as a plan keeps it. */
export const next = z.union([link.schema, ...FORMS.map(({ schema }) => schema)]);
export type Next = z.infer<typeof next>;

/** The absolute paths that a `next` wants of each document, by its form's names. */
export const wantedOf = (chosen: Next): Readonly<Record<string, string>> =>
  pagingFormOf(chosen).wanted(chosen);

/** The absolute paths that a `next` names, each with its key. */
export const nextPaths = (
  chosen: Next,
): readonly { readonly key: readonly string[]; readonly path: string }[] => {
  const { head, wanted } = pagingFormOf(chosen);
  return Object.entries(wanted(chosen)).map(([name, path]) => ({
    key: name === 'total' ? ['until', 'total'] : [head],
    path,
  }));
};

/** The form that a `next` chooses. */
export const pagingFormOf = (chosen: Next): PagingForm => {
  const found = PAGING_FORMS.find(({ head }) => Object.hasOwn(chosen, head));
  if (found !== undefined) return found;
  throw new InvalidInput(
    `got next with ${Object.keys(chosen).join(' ')}, allowed one of ${PAGING_FORMS.map(({ head }) => head).join(' ')}`,
  );
};
