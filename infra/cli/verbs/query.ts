import { place } from './places.ts';
import type { Verb } from './verb.ts';

export const query: Verb = {
  summary: 'ask the warehouse',
  operands: { usage: 'SQL', min: 1, max: 1 },
  options: { format: { value: 'table|csv|json', default: 'table', help: 'how rows are printed' }, ...place },
  examples: ['npx millrace query "select state, count(*) from ewm.work_items group by 1 order by 2 desc"'],
  run: async (args, io) => {
    const { queryWarehouse } = await import('../query-warehouse.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    return queryWarehouse(args, io, openDeployment);
  },
};
