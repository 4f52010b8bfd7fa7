import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors.ts';

/** Every S3 key of ours is built and parsed here, from `[A-Za-z0-9/_.-]` only; names sort as their times and numbers do. */

export type Key =
  | ({ readonly kind: 'plan' } & PlanName)
  | ({ readonly kind: 'step' } & StepName)
  | ({ readonly kind: 'staged' } & StagedName)
  | ({ readonly kind: 'piece' } & PieceName)
  | ({ readonly kind: 'stall' } & StallName)
  | ({ readonly kind: 'spool' } & SpoolName)
  | ({ readonly kind: 'spooled' } & SpoolName)
  | ({ readonly kind: 'spoolBody'; readonly invocation: string } & SpoolName)
  | ({ readonly kind: 'refusal'; readonly restart: number } & PlanName)
  | { readonly kind: 'batch'; readonly feed: string; readonly date: string; readonly batch: string }
  | { readonly kind: 'unchanged'; readonly feed: string; readonly date: string; readonly batch: string }
  | { readonly kind: 'pending'; readonly feed: string; readonly batch: string }
  | ({ readonly kind: 'load' } & LoadName)
  | ({ readonly kind: 'submission'; readonly try: number } & LoadName)
  | ({ readonly kind: 'settled' } & LoadName)
  | ({ readonly kind: 'manifest'; readonly table: string } & LoadName)
  | { readonly kind: 'parked'; readonly feed: string; readonly batch: string }
  | { readonly kind: 'lease' | 'waiting'; readonly feed: string }
  | { readonly kind: 'target'; readonly table: string }
  | { readonly kind: 'deployed' }
  | { readonly kind: 'paused'; readonly feed: string }
  | { readonly kind: 'backfill' | 'backfilled' | 'rebuilt'; readonly feed: string; readonly request: string }
  | { readonly kind: 'rebuild'; readonly feed: string }
  | { readonly kind: 'skipped'; readonly feed: string; readonly batch: string }
  | ({ readonly kind: 'failure' } & FailureName)
  | { readonly kind: 'mark'; readonly feed: string; readonly mark: string }
  | ({ readonly kind: 'attention' } & AttentionName);

export interface PlanName {
  readonly feed: string;
  readonly batch: string;
  /** Hash of what the plan was made by. */
  readonly definition: string;
}

export interface StepName extends PlanName {
  readonly slice: number;
  readonly restart: number;
  readonly step: number;
}

/** A step that moved nothing, in whichever restart. */
export interface StallName extends PlanName {
  readonly slice: number;
  readonly step: number;
}

/** A page that is spooled: the first of a step. */
export interface SpoolName extends StepName {
  /** How often it was asked for before. */
  readonly ask: number;
}

export interface StagedName {
  readonly feed: string;
  readonly batch: string;
  readonly invocation: string;
  /** `schema.table`, that of its tombstones or of its keys, or `_rejects`. */
  readonly table: string;
  readonly slice: number;
  /** Number of the part file among those of this invocation and table. */
  readonly part: number;
}

export interface PieceName {
  readonly feed: string;
  readonly batch: string;
  readonly invocation: string;
  /** Number of the piece among the files of this invocation. */
  readonly part: number;
}

export interface LoadName {
  readonly feed: string;
  /** The day that the load was planned, `yyyy/mm/dd`. */
  readonly date: string;
  readonly load: number;
}

/** What a person was told of a feed. */
export interface AttentionName {
  readonly feed: string;
  /** Of shared/attention. */
  readonly need: string;
  /** entered: the feed needs it. told: the message of that is out. left: the message that it is over is being sent. */
  readonly phase: 'entered' | 'told' | 'left';
}

export interface FailureName {
  readonly feed: string;
  /** The day of it, `yyyy/mm/dd`. */
  readonly date: string;
  /** Its time, as toStamp writes it. */
  readonly stamp: string;
}

/**
 * A table's name in a key. A dollar sign is none of the characters that S3 calls safe, and a hyphen, which is one, stands in no table's name
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
 */
const fromTable = (table: string): string => table.replaceAll('$', '-');
const toTable = (part: string): string => part.replaceAll('-', '$');

const five = (n: number): string => String(n).padStart(5, '0');

/** Builds the S3 key of a name; the inverse of `parseKey`. */
export const toKey = (key: Key): string => {
  switch (key.kind) {
    case 'plan':
      return `plans/${key.feed}/${key.batch}/${key.definition}.json`;
    case 'step':
      return `${sliceStepsPrefix(key)}${five(key.restart)}-${five(key.step)}.json`;
    case 'stall':
      return `${sliceStepsPrefix(key)}stalled-${five(key.step)}.json`;
    case 'spool':
      return `${spoolPrefix(key)}${five(key.ask)}.json`;
    case 'spooled':
      return `${spoolPrefix(key)}${five(key.ask)}/spooled.json`;
    case 'spoolBody':
      return `${spoolPrefix(key)}${five(key.ask)}/${key.invocation}.xml`;
    case 'refusal':
      return `${refusalsPrefix(key)}${five(key.restart)}.json`;
    case 'staged':
      return `staged/${key.feed}/${key.batch}/${key.invocation}/${fromTable(key.table)}/${five(key.slice)}-${five(key.part)}.csv.zst`;
    case 'piece':
      return `staged/${key.feed}/${key.batch}/${key.invocation}/_expanded/${five(key.part)}.xml`;
    case 'batch':
      return `batches/${key.feed}/${key.date}/${key.batch}.json`;
    case 'unchanged':
      return `unchanged/${key.feed}/${key.date}/${key.batch}.json`;
    case 'pending':
      return `pending/${key.feed}/${key.batch}`;
    case 'load':
      return `loads/${key.feed}/${key.date}/${five(key.load)}.json`;
    case 'submission':
      return `loads/${key.feed}/${key.date}/${five(key.load)}/submitted-${five(key.try)}.json`;
    case 'settled':
      return `loads/${key.feed}/${key.date}/${five(key.load)}/settled.json`;
    case 'manifest':
      return `loads/${key.feed}/${key.date}/${five(key.load)}/${fromTable(key.table)}.manifest`;
    case 'parked':
      return `parked/${key.feed}/${key.batch}.json`;
    case 'lease':
      return `leases/${key.feed}.json`;
    case 'waiting':
      return `leases/${key.feed}/waiting.json`;
    case 'target':
      return `targets/${key.table}.json`;
    case 'deployed':
      return 'deployed/deployment.json';
    case 'paused':
      return `paused/${key.feed}.json`;
    case 'backfill':
      return `backfills/${key.feed}/${key.request}.json`;
    case 'rebuild':
      return `rebuilds/${key.feed}.json`;
    case 'skipped':
      return `skipped/${key.feed}/${key.batch}.json`;
    case 'backfilled':
    case 'rebuilt':
      return `${key.kind}/${key.feed}/${key.request}.json`;
    case 'failure':
      return `failures/${key.feed}/${key.date}/${key.stamp}.json`;
    case 'mark':
      return `marks/${key.feed}/${key.mark}.json`;
    case 'attention':
      return `attention/${key.feed}/${key.need}/${key.phase}.json`;
  }
};

/** Prefix of all steps of one batch under one plan, and of its stalls and refusals. */
export const stepsPrefix = (of: PlanName): string => `slices/${of.feed}/${of.batch}/${of.definition}/`;

/** Prefix of all steps of one slice, and of its stalls. */
export const sliceStepsPrefix = (of: PlanName & { readonly slice: number }): string =>
  `${stepsPrefix(of)}${five(of.slice)}-`;

/** Prefix of all that is spooled for one step. */
export const spoolPrefix = ({ feed, batch, definition, slice, restart, step }: StepName): string =>
  `spool/${feed}/${batch}/${definition}/${five(slice)}-${five(restart)}-${five(step)}-`;

/** Prefix of the refusals of one batch under one plan. */
export const refusalsPrefix = (of: PlanName): string => `${stepsPrefix(of)}refused-`;

/** What a batch's name looks like: a window, a schedule's time, a backfill, a landed file or a comparison of keys. */
export const BATCH_NAME = '[wsbfk]-[A-Za-z0-9_-]+';

const FEED = '(?<feed>[a-z][a-z0-9_]*)';
const BATCH = `(?<batch>${BATCH_NAME})`;
const DATE = '(?<date>\\d{4}/\\d{2}/\\d{2})';
const TABLE = '(?<table>[A-Za-z0-9_.-]+)';
const LOAD = `loads/${FEED}/${DATE}/(?<load>\\d{5,})`;
const STEP = '(?<slice>\\d{5})-(?<restart>\\d{5})-(?<step>\\d{5})';

const SLICES = `slices/${FEED}/${BATCH}/(?<definition>[0-9a-f]+)`;
const SPOOL = `spool/${FEED}/${BATCH}/(?<definition>[0-9a-f]+)/${STEP}-(?<ask>\\d{5})`;

const SHAPES: readonly (readonly [Key['kind'], RegExp])[] = [
  ['plan', RegExp(`^plans/${FEED}/${BATCH}/(?<definition>[0-9a-f]+)\\.json$`)],
  ['step', RegExp(`^${SLICES}/${STEP}\\.json$`)],
  ['spool', RegExp(`^${SPOOL}\\.json$`)],
  ['spooled', RegExp(`^${SPOOL}/spooled\\.json$`)],
  ['spoolBody', RegExp(`^${SPOOL}/(?<invocation>[A-Za-z0-9-]+)\\.xml$`)],
  ['refusal', RegExp(`^${SLICES}/refused-(?<restart>\\d{5})\\.json$`)],
  ['stall', RegExp(`^${SLICES}/(?<slice>\\d{5})-stalled-(?<step>\\d{5})\\.json$`)],
  [
    'staged',
    RegExp(
      `^staged/${FEED}/${BATCH}/(?<invocation>[A-Za-z0-9-]+)/${TABLE}/(?<slice>\\d{5})-(?<part>\\d{5})\\.csv\\.zst$`,
    ),
  ],
  ['piece', RegExp(`^staged/${FEED}/${BATCH}/(?<invocation>[A-Za-z0-9-]+)/_expanded/(?<part>\\d{5})\\.xml$`)],
  ['batch', RegExp(`^batches/${FEED}/${DATE}/${BATCH}\\.json$`)],
  ['unchanged', RegExp(`^unchanged/${FEED}/${DATE}/${BATCH}\\.json$`)],
  ['pending', RegExp(`^pending/${FEED}/${BATCH}$`)],
  ['load', RegExp(`^${LOAD}\\.json$`)],
  ['submission', RegExp(`^${LOAD}/submitted-(?<try>\\d{5})\\.json$`)],
  ['settled', RegExp(`^${LOAD}/settled\\.json$`)],
  ['manifest', RegExp(`^${LOAD}/${TABLE}\\.manifest$`)],
  ['parked', RegExp(`^parked/${FEED}/${BATCH}\\.json$`)],
  ['lease', RegExp(`^leases/${FEED}\\.json$`)],
  ['waiting', RegExp(`^leases/${FEED}/waiting\\.json$`)],
  ['target', RegExp(`^targets/${TABLE}\\.json$`)],
  ['deployed', /^deployed\/deployment\.json$/],
  ['paused', RegExp(`^paused/${FEED}\\.json$`)],
  ['backfilled', RegExp(`^backfilled/${FEED}/(?<request>[0-9a-f]{12})\\.json$`)],
  ['backfill', RegExp(`^backfills/${FEED}/(?<request>[0-9a-f]{12})\\.json$`)],
  ['rebuild', RegExp(`^rebuilds/${FEED}\\.json$`)],
  ['rebuilt', RegExp(`^rebuilt/${FEED}/(?<request>[0-9a-f]{12})\\.json$`)],
  ['skipped', RegExp(`^skipped/${FEED}/${BATCH}\\.json$`)],
  ['failure', RegExp(`^failures/${FEED}/${DATE}/(?<stamp>\\d{8}T\\d{9}Z)\\.json$`)],
  ['mark', RegExp(`^marks/${FEED}/(?<mark>[A-Za-z0-9_-]+)\\.json$`)],
  ['attention', RegExp(`^attention/${FEED}/(?<need>[a-z-]+)/(?<phase>entered|told|left)\\.json$`)],
];

const NUMBERS: ReadonlySet<string> = new Set(['slice', 'restart', 'step', 'part', 'load', 'try', 'ask']);

/** Reads a key of ours; undefined for any other, as one that a person put beside ours by hand. */
export const parseKeyIfOurs = (text: string): Key | undefined => {
  for (const [kind, shape] of SHAPES) {
    const match = shape.exec(text);
    if (match === null) continue;
    const fields = Object.entries(match.groups ?? {}).map(([name, value]) => [
      name,
      NUMBERS.has(name) ? Number(value) : name === 'table' ? toTable(value) : value,
    ]);
    return { kind, ...Object.fromEntries(fields) } as Key;
  }
  return undefined;
};

/** Reads a key of ours. Throws InvalidInput for any other key; landing/ keys are other people's and have no shape. */
export const parseKey = (text: string): Key => {
  const key = parseKeyIfOurs(text);
  if (key !== undefined) return key;
  throw new InvalidInput(
    `key ${JSON.stringify(text)} is none of the shapes plans/ slices/ staged/ batches/ …`,
  );
};

/** Writes a time as names hold it: `YYYYMMDDTHHMMSSmmmZ`. Takes epoch milliseconds. */
export const toStamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:.]/g, '');

/** Reads a name's time back to epoch milliseconds. Throws InvalidInput. */
export const parseStamp = (stamp: string): number => {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(stamp);
  const ms = m === null ? Number.NaN : Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}.${m[7]}Z`);
  if (Number.isNaN(ms)) throw new InvalidInput(`time ${JSON.stringify(stamp)} is not YYYYMMDDTHHMMSSmmmZ`);
  return ms;
};

/** The date folder of a time, `yyyy/mm/dd` in UTC. */
export const toDateFolder = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 10).replaceAll('-', '/');

/** The batch of a scheduled window, by its start. */
export const windowBatch = (startMs: number): string => `w-${toStamp(startMs)}`;

/** The batch of a schedule's time, for a feed without a window: of another letter, since such a feed may gain one. */
export const scheduleBatch = (scheduledMs: number): string => `s-${toStamp(scheduledMs)}`;

/** The batch of a comparison, by its schedule's time: beside the windows of its feed, and never taken for one. */
export const comparisonBatch = (scheduledMs: number): string => `k-${toStamp(scheduledMs)}`;

/** Whether a batch is a comparison. */
export const isComparison = (batch: string): boolean => batch.startsWith('k-');

/** The batch of one version of a landed object: the same name for whoever finds it. `bucket` is that of others, where it lies in one. */
export const landedBatch = (key: string, versionId: string, bucket?: string): string =>
  `f-${createHash('sha256')
    .update([...(bucket === undefined ? [] : [bucket]), key, versionId].join('\0'))
    .digest('hex')
    .slice(0, 32)}`;
