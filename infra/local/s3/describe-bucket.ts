import type { Call, Reply } from './call.ts';
import { S3Error } from './s3-error.ts';
import { type Element, toXml } from './xml.ts';

/** What is said of buckets: all come from the assembly, and nothing of them is changed by requests. */

/** The one region whose location has no name (docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html). */
const REGION_WITHOUT_NAME = 'us-east-1';

/** ListBuckets. */
export const listBuckets = async (call: Call): Promise<Reply> => {
  const prefix = call.query.get('prefix') ?? '';
  const created = new Date(call.store.createdAt).toISOString();
  const buckets = call.buckets
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix))
    .sort();
  const body = toXml('ListAllMyBucketsResult', [
    ['Owner', ownerOf(call)],
    [
      'Buckets',
      buckets.map(
        (name): Element => [
          'Bucket',
          [
            ['Name', name],
            ['CreationDate', created],
            ['BucketRegion', call.region],
          ],
        ],
      ),
    ],
    ['Prefix', call.query.get('prefix') ?? undefined],
  ]);
  return { status: 200, body };
};

/** The account, as owner of its buckets and objects. */
export const ownerOf = ({ account }: Pick<Call, 'account'>): readonly Element[] => [
  ['ID', account],
  ['DisplayName', account],
];

/**
 * CreateBucket of a bucket that is there, which clients ask for before they write (docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html:
 * us-east-1 alone lets that pass). One that is not there comes from the assembly, or not at all.
 */
export const createBucket = async ({ bucket, region }: Call): Promise<Reply> => {
  if (region === REGION_WITHOUT_NAME) return { status: 200, headers: { location: `/${bucket.name}` } };
  throw new S3Error('BucketAlreadyOwnedByYou', `the bucket ${bucket.name} is there, and yours`);
};

/** HeadBucket. */
export const headBucket = async (call: Call): Promise<Reply> => ({
  status: 200,
  headers: { 'x-amz-bucket-region': call.region },
});

/** GetBucketLocation. */
export const getBucketLocation = async ({ region }: Call): Promise<Reply> => ({
  status: 200,
  body: toXml('LocationConstraint', region === REGION_WITHOUT_NAME ? '' : region),
});

/** GetBucketVersioning: a bucket that never had versions has no status. */
export const getBucketVersioning = async ({ bucket }: Call): Promise<Reply> => ({
  status: 200,
  body: toXml('VersioningConfiguration', bucket.isVersioned ? [['Status', 'Enabled']] : []),
});

/** GetBucketNotificationConfiguration: EventBridge is told of all objects, or of none. */
export const getBucketNotification = async ({ bucket }: Call): Promise<Reply> => ({
  status: 200,
  body: toXml('NotificationConfiguration', bucket.hasEventBridge ? [['EventBridgeConfiguration', []]] : []),
});
