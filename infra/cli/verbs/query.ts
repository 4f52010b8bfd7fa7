import { data } from './places.ts';
import type { Verb } from './verb.ts';

export const query: Verb = {
  summary: 'ask the local warehouse',
  operands: { usage: 'SQL', min: 1, max: 1 },
  options: { format: { value: 'table|csv|json', default: 'table', help: 'how rows are printed' }, data },
  examples: ['millrace query "select state, count(*) from ewm.work_items group by 1 order by 2 desc"'],
  run: async (args, io) => {
    const { queryWarehouse } = await import('../query-warehouse.ts');
    const { openLocalWarehouse } = await import('../local-warehouse.ts');
    return queryWarehouse(args, io, openLocalWarehouse);
  },
};
