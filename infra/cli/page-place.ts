import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The pages that messages name. */
export type Page = 'runbook' | 'cost' | 'deploy' | 'damaged-folder' | 'local-sql';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** From this file: in a checkout, and in an installed package, whose sources lie in dist/. */
const DOCS = ['../../docs', '../../../docs'];

/** A page of the command's own documentation as it is opened from the current folder: `docs/runbook.md` in a checkout. */
export const placeOf = (page: Page, { here, cwd } = { here: HERE, cwd: process.cwd() }): string => {
  const places = DOCS.map((docs) => join(here, docs, `${page}.md`));
  const place = places.find((path) => existsSync(path)) ?? `docs/${page}.md`;
  const shown = relative(cwd, place);
  return shown.length < place.length ? shown : place;
};
