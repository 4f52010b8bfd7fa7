import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { InvalidInput } from '../../shared/errors.ts';
import type { Feed } from '../../shared/model/feed.ts';
import { secretOf } from '../../shared/source/auth/registry.ts';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import type { FindBundle } from '../bundles.ts';
import type { ExtractMachineProps } from './extract-machine.ts';
import { grantListing, grantObjects } from './grant-objects.ts';
import { grantSecrets } from './grant-secrets.ts';
import { grantSourceBuckets } from './grant-source-buckets.ts';
import type { LoadMachineProps, SettleLoadMachineProps, SweepMachineProps } from './load-machines.ts';
import { prepareWarehouseFunction } from './prepare-warehouse-function.ts';
import { type FunctionNetwork, functionRole, StateFunction } from './state-function.ts';
import { grantStatements, type Warehouse } from './warehouse.ts';

export interface FunctionsProps {
  readonly bucket: Bucket;
  readonly warehouse: Warehouse;
  readonly feeds: readonly Feed[];
  readonly findBundle: FindBundle;
  /** What `--env` calls it, for commands and metrics. */
  readonly deployment: string;
  readonly names: DeploymentNames;
  /** Takes what SpoolPage could not do. */
  readonly deadLetters: Queue;
  /** Where sources of `network: vpc` are reached. @default - there are none */
  readonly sourceNetwork?: FunctionNetwork | undefined;
  /** Keys of the buckets of others that feeds read. */
  readonly sourceKeyArns?: readonly string[] | undefined;
  /** Keys that encrypt the secrets of feeds. */
  readonly secretKeyArns?: readonly string[] | undefined;
}

/** The state machines by what their constructs are called: messages about feeds lead to their logs. */
const MACHINES = ['Extract', 'Load', 'SettleLoad', 'Sweep'] as const;

/** Every function, with what it may do and nothing else. */
export class Functions extends Construct {
  readonly extract: ExtractMachineProps;
  readonly load: LoadMachineProps;
  readonly settle: SettleLoadMachineProps;
  readonly sweep: SweepMachineProps;
  /** Where all of them write. */
  get logGroups(): readonly LogGroup[] {
    return this.node.findAll().flatMap((one) => (one instanceof StateFunction ? one.logGroup : []));
  }
  /** One role submits, describes and cancels: the Data API shows a statement to its submitter's role alone. */
  readonly warehouseRole: Role;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { bucket, warehouse, findBundle, names } = props;
    const network = networkOf(props);
    const onBucket = {
      findBundle,
      names,
      environment: {
        BUCKET: bucket.bucketName,
        DEPLOYMENT: props.deployment,
        LOG_GROUPS: MACHINES.map(names.machineLogGroup).join(','),
      },
    };
    const putsEvents = { EVENT_SOURCE: names.eventSource };
    const telling = { ...onBucket, environment: { ...onBucket.environment, ...putsEvents } };
    const warehouseEnvironment = {
      ...onBucket.environment,
      WAREHOUSE: Stack.of(this).toJsonString(warehouse.target),
      COPY_ROLE_ARN: warehouse.copyRoleArn,
      STATEMENT_PREFIX: names.statementPrefix,
    };
    this.warehouseRole = functionRole(this, 'WarehouseRole');
    grantStatements(warehouse, this.warehouseRole);
    const onWarehouse = { ...onBucket, role: this.warehouseRole, environment: warehouseEnvironment };

    this.extract = {
      planBatch: new StateFunction(this, 'PlanBatch', { ...onBucket, network }),
      extractSlice: new StateFunction(this, 'ExtractSlice', {
        ...onBucket,
        network,
        timeout: Duration.minutes(4),
      }),
      spoolPage: new StateFunction(this, 'SpoolPage', {
        ...telling,
        network,
        timeout: Duration.minutes(15), // the longest that there is
        deadLetters: props.deadLetters,
      }),
      sealBatch: new StateFunction(this, 'SealBatch', onBucket),
      recordFailure: new StateFunction(this, 'RecordFailure', telling),
    };
    const planLoad = new StateFunction(this, 'PlanLoad', onBucket);
    const submitLoad = new StateFunction(this, 'SubmitLoad', onWarehouse);
    const parkLoad = new StateFunction(this, 'ParkLoad', telling);
    const prepareWarehouse = prepareWarehouseFunction(this, warehouse, onWarehouse);
    this.load = { planLoad, prepareWarehouse, submitLoad, parkLoad };
    this.settle = {
      describeLoad: new StateFunction(this, 'DescribeLoad', onWarehouse),
      markLoaded: new StateFunction(this, 'MarkLoaded', onBucket),
      prepareWarehouse,
      submitLoad,
      parkLoad,
    };
    this.sweep = {
      sweep: new StateFunction(this, 'Sweep', {
        ...onWarehouse,
        environment: { ...warehouseEnvironment, ...putsEvents },
        timeout: Duration.minutes(4),
      }),
    };
    this.grantExtract(props);
    grantSourceBuckets(
      props,
      [this.extract.planBatch.role, this.extract.extractSlice.role],
      this.warehouseRole,
    );
    this.grantLoad(props, this.warehouseRole);
    grantLandedRemoval(bucket, props.feeds, this.warehouseRole);
  }

  private grantExtract({ bucket, feeds, secretKeyArns, names }: FunctionsProps): void {
    const { planBatch, extractSlice, spoolPage, sealBatch, recordFailure } = this.extract;
    may(bucket, planBatch.role, {
      read: [
        ...['plans/*', 'slices/*', 'batches/*', 'unchanged/*', 'parked/*', 'leases/*', 'targets/*'],
        ...['paused/*', 'backfilled/*', 'rebuilds/*', 'marks/*'],
      ],
      write: ['plans/*', 'leases/*', 'marks/*'],
      remove: ['leases/*'],
      versions: ['landing/*'],
    });
    may(bucket, extractSlice.role, {
      read: ['plans/*', 'slices/*', 'unchanged/*', 'spool/*'],
      write: ['slices/*', 'spool/*', 'staged/*', 'unchanged/*'],
      versions: ['landing/*', 'staged/*/_expanded/*', 'spool/*'],
      upload: ['staged/*'],
    });
    may(bucket, spoolPage.role, {
      read: ['plans/*', 'spool/*'],
      write: ['spool/*'],
      upload: ['spool/*'],
    });
    mayPutEvents(spoolPage.role, names);
    may(bucket, sealBatch.role, {
      // pending/ too: a put that finds its record there reads it, as after a lost reply or beside another seal.
      read: [
        ...['plans/*', 'slices/*', 'batches/*', 'unchanged/*', 'pending/*', 'leases/*', 'targets/*'],
        'marks/*',
        'backfilled/*',
      ],
      write: ['pending/*', 'batches/*', 'slices/*', 'targets/*', 'marks/*', 'backfilled/*'],
      remove: ['leases/*', 'backfills/*'],
    });
    may(bucket, recordFailure.role, {
      read: ['leases/*', 'parked/*', 'plans/*', 'batches/*', 'failures/*', 'attention/*'],
      write: ['parked/*', 'failures/*', 'attention/*'],
      remove: ['leases/*'],
    });
    mayPutEvents(recordFailure.role, names);
    for (const { role } of [extractSlice, spoolPage])
      grantSecrets(role, feeds.flatMap(secretsOf), secretKeyArns);
    // The source's clock is asked over the same connection, and so are partitions that it lists, as who reads them.
    grantSecrets(
      planBatch.role,
      feeds.flatMap((feed) => (feed.listing === undefined ? authoritiesOf(feed) : secretsOf(feed))),
      secretKeyArns,
    );
  }

  private grantLoad({ bucket, names }: FunctionsProps, warehouseRole: Role): void {
    may(bucket, this.load.planLoad.role, {
      // plans/ and parked/ while a feed is rebuilt, whose end it seals.
      read: ['pending/*', 'batches/*', 'loads/*', 'paused/*', 'rebuilds/*', 'plans/*', 'parked/*'],
      write: ['loads/*', 'pending/*', 'batches/*'],
      remove: ['pending/*'],
    });
    may(bucket, this.settle.markLoaded.role, {
      // Of a rebuild it says that it is over, by which rules the tables are kept now, and what waited for it.
      read: [
        ...['loads/*', 'batches/*', 'pending/*', 'parked/*', 'plans/*'],
        ...['rebuilds/*', 'rebuilt/*', 'targets/*', 'failures/*'],
      ],
      write: ['loads/*', 'pending/*', 'rebuilt/*', 'targets/*'],
      remove: ['pending/*', 'parked/*', 'skipped/*', 'rebuilds/*', 'targets/*', 'failures/*'],
    });
    may(bucket, this.load.parkLoad.role, {
      // What was asked for is named in the command that has it read again.
      read: [
        ...['loads/*', 'parked/*', 'batches/*', 'failures/*', 'attention/*'],
        ...['backfills/*', 'backfilled/*'],
      ],
      write: ['loads/*', 'parked/*', 'failures/*', 'attention/*'],
      remove: ['pending/*'],
    });
    mayPutEvents(this.load.parkLoad.role, names);
    may(bucket, this.load.prepareWarehouse.role, {
      read: ['loads/*', 'batches/*', 'pending/*', 'marks/*'],
      write: ['pending/*', 'marks/*'],
    });
    // Shared by SubmitLoad, DescribeLoad and Sweep; Sweep needs the most of it. DescribeLoad looks into part files that COPY refused.
    may(bucket, warehouseRole, {
      read: [
        ...['loads/*', 'batches/*', 'plans/*', 'slices/*', 'staged/*'],
        ...['deployed/*', 'paused/*', 'backfills/*', 'backfilled/*', 'skipped/*', 'leases/*'],
        'rebuilds/*',
        ...['parked/*', 'failures/*', 'marks/*', 'attention/*'],
      ],
      write: [...['loads/*', 'slices/*/refused-*', 'deployed/*', 'marks/*', 'attention/*'], 'backfilled/*'],
      remove: [
        ...['staged/*', 'spool/*', 'deployed/*', 'backfills/*', 'marks/*', 'attention/*'],
        ...['failures/*', 'unchanged/*', 'plans/*', 'slices/*', 'loads/*'],
      ],
    });
    // Sweep looks for landed objects that nobody sealed; one that was overwritten counts too.
    grantListing(bucket, warehouseRole, 's3:ListBucketVersions');
    mayPutEvents(warehouseRole, names);
  }
}

/** Sweep removes landed objects of feeds with `keep`, by their version: one that lands meanwhile stays. */
const grantLandedRemoval = (bucket: Bucket, feeds: readonly Feed[], sweep: Role): void => {
  const isAsked = feeds.some(({ source }) => source.kind === 's3' && source.keepMs !== undefined);
  // One prefix for all feeds: a policy has 10,240 characters, and a feed of its own in it some 60.
  if (isAsked) grantObjects(bucket, sweep, ['s3:DeleteObjectVersion'], ['landing/*']);
};

interface Access {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly remove?: readonly string[];
  /** Keys that are read by their version id, which needs no s3:GetObject: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html. */
  readonly versions?: readonly string[];
  /** Keys whose multipart uploads may be aborted. */
  readonly upload?: readonly string[];
}

const may = (bucket: Bucket, role: Role, access: Access): void => {
  const grants: readonly (readonly [readonly string[], readonly string[] | undefined])[] = [
    [['s3:GetObject'], access.read],
    [['s3:PutObject'], access.write],
    [['s3:DeleteObject'], access.remove],
    [['s3:GetObjectVersion'], access.versions],
    [['s3:AbortMultipartUpload'], access.upload],
  ];
  for (const [actions, keys] of grants) {
    if (keys !== undefined) grantObjects(bucket, role, actions, keys);
  }
  grantListing(bucket, role);
};

/** As this deployment alone: what others' rules match is not for it to say. */
const mayPutEvents = (role: Role, { eventSource }: DeploymentNames): void => {
  const bus = { service: 'events', resource: 'event-bus', resourceName: 'default' };
  role.addToPolicy(
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [Stack.of(role).formatArn(bus)],
      conditions: { StringEquals: { 'events:source': eventSource } },
    }),
  );
};

const authoritiesOf = ({ source }: Feed): readonly string[] =>
  source.kind === 'http' && source.caSecret !== undefined ? [source.caSecret] : [];

const secretsOf = (feed: Feed): readonly string[] => {
  const { source } = feed;
  const own = source.kind === 'http' ? secretOf(source.auth) : undefined;
  return own === undefined ? authoritiesOf(feed) : [own, ...authoritiesOf(feed)];
};

/** The functions that reach sources stand in a network where some feed needs it. Throws InvalidInput where none is given. */
const networkOf = ({ feeds, sourceNetwork }: FunctionsProps): FunctionNetwork | undefined => {
  const feed = feeds.find(({ source }) => source.kind === 'http' && source.network === 'vpc');
  if (feed === undefined) return undefined;
  if (sourceNetwork !== undefined) return sourceNetwork;
  throw new InvalidInput(
    `feed ${feed.feed} has network: vpc, and no subnets are given; add -c millrace:sourceSubnetIds=subnet-… -c millrace:sourceSecurityGroupIds=sg-…`,
  );
};
