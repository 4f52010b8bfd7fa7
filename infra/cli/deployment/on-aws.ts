import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { readDeployed } from '../../../handlers/operate/read-deployed.ts';
import { UsageError } from '../command-io.ts';
import { placeOf } from '../page-place.ts';
import { firstValue, type VerbArguments } from '../verbs/verb.ts';
import type { Deployment } from './deployment.ts';
import { findBucketByTag, namesOf } from './find-on-aws.ts';
import { openClients, overClients } from './over-clients.ts';
import type { LocalOptions } from './running-cloud.ts';

/** Opens the deployment on AWS that --env names: its bucket is found by its tag, and what it is it says there. */
export const openOnAws = async (args: VerbArguments, of: Required<LocalOptions>): Promise<Deployment> => {
  const [env = '', profile, region] = ['env', 'profile', 'region'].map((name) => firstValue(args, name));
  const config = {
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
  const clients = openClients({ s3: config, data: config, bus: config });
  const bucket = await findBucketByTag(clients.s3)(env);
  const deployed = await readDeployed(s3RecordStore(clients.s3, bucket));
  if (deployed === undefined)
    throw new UsageError(
      `deployment ${env} has not written yet which feeds it runs: its sweep writes that into s3://${bucket} every 15 minutes; try again then, and if it stays so, see SweepFailed in ${placeOf('runbook')}`,
    );
  const { feeds, warehouse: target } = deployed;
  const { eventSource } = namesOf(env);
  const opened = overClients({
    ...of,
    ...{ clients, bucket, target },
    readFeeds: async () => feeds,
    readEventSource: async () => eventSource,
  });
  return { ...opened, query: async (sql) => opened.query(admit(sql)) };
};

/** What a question begins with: a person's rights in the warehouse may be more than those of one who only asks. */
const admit = (sql: string): string => {
  if (/^\s*(?:--[^\n]*\n\s*|\/\*.*?\*\/\s*)*\(*\s*(?:select|with|show|explain)\b/is.test(sql)) return sql;
  throw new UsageError(
    `query takes a statement that begins with SELECT, WITH, SHOW or EXPLAIN, got ${JSON.stringify(sql.slice(0, 40))}`,
  );
};
