import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../../shared/errors.ts';
import { hashContract } from '../../../shared/model/canonical.ts';
import type { Contract } from '../../../shared/model/contract.ts';
import { loadStatements } from '../../../shared/sql/load-statements.ts';
import { prepareStatements } from '../../../shared/sql/prepare-statements.ts';
import { workItems } from './support/contracts.ts';

const [items = expect.unreachable()] = workItems.tables;
const { hash: _, ...rest } = workItems;
const contract: Contract = hashContract({
  ...rest,
  tables: [
    ...workItems.tables,
    {
      ...items,
      table: `${items.table}$deleted`,
      name: `${items.name}$deleted`,
      rows: '/gone',
      deletes: { table: items.table, mode: 'delete' },
    },
  ],
});

describe('tombstones', () => {
  const why = `table ${items.table}$deleted has tombstones of ${items.table}, and tombstones are not loaded by this release, allowed a feed without deletes`;

  it('are made no table of the warehouse', () => {
    expect(() => prepareStatements(contract)).toThrow(new InvalidInput(why));
  });

  it('are loaded as no table', () => {
    const load = { feed: contract.feed, load: 'l', contract, batches: [], manifests: {}, copyRole: 'r' };
    expect(() => loadStatements(load)).toThrow(new InvalidInput(why));
  });
});
