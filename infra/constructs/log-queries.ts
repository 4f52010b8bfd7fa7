import { Stack } from 'aws-cdk-lib';
import { type ILogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface LogQueriesProps {
  readonly logGroups: readonly ILogGroup[];
}

/** Questions to the functions' log lines, by the name that they are saved under. */
const QUERIES: Readonly<Record<string, ConstructorParameters<typeof QueryString>[0]>> = {
  'errors by feed': {
    filterStatements: ["level = 'ERROR'"],
    statsStatements: ['count(*) as errors, latest(message) as last by feed, error.name'],
    sort: 'errors desc',
  },
  // A person fills in the batch: Logs Insights has no parameters.
  'lines of one batch': {
    fields: ['@timestamp', 'level', 'feed', 'batch', 'slice', 'loadKey', 'message', 'error.name', 'trace_id'],
    filterStatements: ["batch = 'BATCH' or correlation like 'BATCH'"],
    sort: '@timestamp asc',
    limit: 1000,
  },
  'slowest invocations': {
    fields: [
      '@timestamp',
      '@log',
      '@duration',
      '@initDuration',
      '@maxMemoryUsed / 1000000 as usedMb',
      '@requestId',
    ],
    filterStatements: ["@type = 'REPORT'"],
    sort: '@duration desc',
    limit: 50,
  },
  'cold starts by function': {
    filterStatements: ["@type = 'REPORT' and ispresent(@initDuration)"],
    statsStatements: [
      'count(*) as coldStarts, avg(@initDuration) as averageMs, max(@initDuration) as longestMs by @log',
    ],
    sort: 'coldStarts desc',
  },
};

/** Queries of Logs Insights that an operator finds saved, below the name of the stack. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroups }: LogQueriesProps) {
    super(scope, id);
    for (const [name, query] of Object.entries(QUERIES)) {
      new QueryDefinition(this, name.replaceAll(' ', '-'), {
        queryDefinitionName: `${Stack.of(this).stackName}/${name}`,
        queryString: new QueryString(query),
        logGroups: [...logGroups],
      });
    }
  }
}
