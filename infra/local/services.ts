import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../../shared/errors.ts';
import type { Assembly } from './assembly/assembly.ts';
import { ACCOUNT, REGION } from './assembly/names.ts';
import { serveAwsJson } from './aws-json-server.ts';
import type { EventBus } from './eventbridge/bus.ts';
import { eventBridgeApi } from './eventbridge/put-events.ts';
import type { Rights } from './iam/access.ts';
import { type Authenticate, verifySignatures } from './iam/authenticate.ts';
import type { IssuedKeys } from './iam/issue-keys.ts';
import type { Endpoints, LocalCloudOptions } from './local-cloud.ts';
import type { WarehouseArgs } from './redshift/process.ts';
import { startRefusingServer } from './refusing-server.ts';
import type { S3Arguments } from './s3/process.ts';
import { startSecrets } from './secrets/server.ts';
import { newStarted } from './started.ts';
import { type SupervisedChild, superviseChild } from './supervise-child.ts';
import { startCollector, type TraceCollector } from './xray/collector.ts';

/** The services that functions call, each on its own port of 127.0.0.1. */
export interface Services {
  readonly endpoints: Endpoints;
  readonly s3: SupervisedChild;
  readonly redshift: SupervisedChild;
  readonly traces: TraceCollector;
  close(): Promise<void>;
}

export interface ServicesOptions extends Pick<LocalCloudOptions, 'data' | 'secrets'> {
  readonly assembly: Assembly;
  readonly rights: Rights;
  readonly keys: IssuedKeys;
  readonly bus: Pick<EventBus, 'accept' | 'put'>;
  /** A fault that was asked for has struck. */
  onStruck(fault: string): void;
  /** A process of the cloud ended unasked. */
  onFailure(cause: Error): void;
}

const entry = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts all of them, or none. The warehouse starts last, as COPY reads from S3. */
export const startServices = async (options: ServicesOptions): Promise<Services> => {
  const { data, bus } = options;
  const warehouse = warehouseOf(options.assembly);
  await using started = newStarted();
  const secrets = started.adopt(
    await startSecrets(secretsOf(options), verify(options, 'secretsmanager')),
    close,
  );
  const eventBridge = started.adopt(
    await serveAwsJson('EventBridge', eventBridgeApi(bus), verify(options, 'events')),
    close,
  );
  const refusing = started.adopt(await startRefusingServer(), close);
  const traces = started.adopt(await startCollector({ dir: join(data, 'traces') }), close);
  const s3 = started.adopt(await startS3(options), stop);
  const redshift = started.adopt(await startRedshift(options, warehouse, s3.url), stop);
  const running = started.move();
  return {
    endpoints: {
      s3: s3.url,
      redshiftData: redshift.url,
      eventBridge: eventBridge.url,
      secretsManager: secrets.url,
      refusing: refusing.url,
      xray: traces.address,
    },
    s3,
    redshift,
    traces,
    close: () => running.stop(),
  };
};

/** What feeds name, and what the assembly makes. */
const secretsOf = ({ secrets, assembly }: ServicesOptions): Readonly<Record<string, unknown>> => ({
  ...secrets,
  ...Object.fromEntries(assembly.secrets.map(({ name, fields }) => [name, fields])),
});

const tableOf = ({ rights, keys }: ServicesOptions) => ({ ...rights, keys: keys.table });

const verify = (options: ServicesOptions, service: string): Authenticate =>
  verifySignatures({ table: tableOf(options), region: REGION, service });

const close = (server: { close(): Promise<void> | void }) => server.close();
const stop = (child: SupervisedChild) => child.stop();

const startS3 = (options: ServicesOptions): Promise<SupervisedChild> =>
  superviseChild({
    entry: entry('./s3/process.ts'),
    args: {
      dir: join(options.data, 's3'),
      buckets: options.assembly.buckets,
      account: ACCOUNT,
      region: REGION,
      access: tableOf(options),
    } satisfies S3Arguments,
    onEvent: options.bus.accept,
    onFailure: options.onFailure,
    onStruck: options.onStruck,
  });

const startRedshift = (
  options: ServicesOptions,
  warehouse: ReturnType<typeof warehouseOf>,
  s3Url: string,
): Promise<SupervisedChild> =>
  superviseChild({
    entry: entry('./redshift/process.ts'),
    args: {
      ...warehouse,
      dir: join(options.data, 'redshift'),
      s3Url,
      account: ACCOUNT,
      region: REGION,
      access: { table: tableOf(options), copyKeys: options.keys.copy },
    } satisfies WarehouseArgs,
    onEvent: options.bus.accept,
    onFailure: options.onFailure,
    onStruck: options.onStruck,
  });

/** The one workgroup that the assembly creates. An existing warehouse is elsewhere, and cannot be had here. */
const warehouseOf = ({
  folder,
  workgroups,
  namespaces,
}: Assembly): Pick<WarehouseArgs, 'warehouse' | 'arn'> => {
  const [workgroup] = workgroups;
  if (workgroup === undefined || workgroups.length > 1) {
    throw new InvalidInput(
      `assembly ${folder} creates ${workgroups.length} workgroups, 1 is needed: synthesize without millrace:workgroupName and millrace:clusterIdentifier`,
    );
  }
  const database = namespaces.find((namespace) => namespace.name === workgroup.namespace)?.database;
  if (database === undefined)
    throw new InvalidInput(`assembly ${folder}: there is no namespace ${workgroup.namespace}`);
  return {
    warehouse: { workgroupName: workgroup.name, database },
    arn: `arn:aws:redshift-serverless:${REGION}:${ACCOUNT}:workgroup/${workgroup.name}`,
  };
};
