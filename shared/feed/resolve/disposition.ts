import type { TableContract } from '../../model/contract.ts';
import { dispositionOf } from '../../sql/dispositions/registry.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { TableDocument } from '../document/table.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';

/** What a table must be like to be kept as it says. */
export const checkDisposition = (
  { ignore }: TableDocument,
  table: TableContract,
  at: KeyPath,
  { doc, check }: { readonly doc: FeedDocument; readonly check: Check },
): void => {
  const disposition = dispositionOf(table);
  if (ignore !== undefined && !disposition.keepsVersions)
    check.refuse(
      [...at, 'ignore'],
      `allowed with history only: ${table.disposition} writes every change`,
      'key',
    );
  if (table.parent !== undefined) return;
  const faults = disposition.check?.(table, { isWindowed: doc.window !== undefined }) ?? [];
  for (const { at: key, message, on } of faults) check.refuse([...at, ...key], message, on);
};
