import { GenerationLimitExceeded, InvalidInput } from '../../shared/errors.ts';
import type { FeedsFile } from '../../shared/model/feed.ts';
import { NO_VERSION } from '../../shared/model/landing.ts';
import type { Backfill } from '../../shared/state/backfill.ts';
import type { ExtractTrigger } from '../../shared/state/messages.ts';
import type { ObjectVersion } from '../ports/object-streams.ts';

/** What an execution of Extract is asked for, whichever way it was started. */
export interface ExtractCall {
  readonly feed: string;
  /** The schedule's own time; absent for landed objects. */
  readonly scheduledTime: string | undefined;
  readonly object: ObjectVersion | undefined;
  /** The keys are compared that the source has. */
  readonly compares: boolean;
  /** The range that is asked for, beside the live feed. */
  readonly backfill: Backfill | undefined;
  /** How many executions went before this one in its chain. */
  readonly generation: number;
  /** Of the chain, where one exists already. */
  readonly correlation: string | undefined;
}

/** Reads a schedule, an object's event or a Continue as one shape. Throws InvalidInput for an object that is no feed's. */
export const toExtractCall = (trigger: ExtractTrigger, feeds: FeedsFile): ExtractCall => {
  if ('scheduledTime' in trigger) {
    const { feed, scheduledTime, compares = false } = trigger;
    return { ...FIRST, feed, scheduledTime, compares };
  }
  if (trigger.source === 'aws.s3') {
    const { bucket, object } = trigger.detail;
    return {
      ...FIRST,
      feed: landedFeed(bucket.name, object.key, feeds),
      object: { bucket: bucket.name, key: object.key, versionId: versionOf(trigger.detail) },
    };
  }
  return { ...FIRST, ...trigger.detail, compares: trigger.detail.compares ?? false };
};

/** Of the first execution of a chain. */
const FIRST = {
  scheduledTime: undefined,
  compares: false,
  object: undefined,
  backfill: undefined,
  generation: 0,
  correlation: undefined,
} as const;

/** The feed that an object is landed for, by its key; undefined for any other object. */
export const findLandedFeed = (key: string): string | undefined => /^landing\/([^/]+)\/./.exec(key)?.[1];

/** A bucket of others is known by the feeds that read it. */
const landedFeed = (bucket: string, key: string, feeds: FeedsFile): string => {
  const ofOthers = Object.values(feeds).find(
    ({ source }) => source.kind === 's3' && source.bucket === bucket && key.startsWith(source.prefix ?? ''),
  );
  const feed = ofOthers?.feed ?? findLandedFeed(key);
  if (feed !== undefined) return feed;
  throw new InvalidInput(
    `object key ${JSON.stringify(key)} is not landing/<feed>/<name>, nor below a prefix of ${bucket} that a feed reads`,
  );
};

type ObjectDetail = Extract<ExtractTrigger, { readonly source: 'aws.s3' }>['detail'];

const versionOf = ({ bucket, object }: ObjectDetail): string => {
  const { key, 'version-id': version = NO_VERSION } = object;
  if (version !== NO_VERSION) return version;
  throw new InvalidInput(
    `s3://${bucket.name}/${key} has no version id, allowed objects of a bucket with versioning: what is overwritten while it is read would be lost; turn versioning on there, then put the object again`,
  );
};

/** 1,000 executions are over two days of one feed's work without a pause. */
const MAX_GENERATIONS = 1_000;

/** No service detects a loop of executions that start each other; this does. Throws GenerationLimitExceeded. */
export const refuseEndlessChain = ({ feed, generation, correlation }: ExtractCall): void => {
  if (generation <= MAX_GENERATIONS) return;
  throw new GenerationLimitExceeded(
    `chain ${correlation} of feed ${feed} is at execution ${generation}, allowed ${MAX_GENERATIONS}`,
  );
};
