import { TransientError } from '../../shared/errors.ts';
import type { CommandIo } from './command-io.ts';
import type { Work } from './cycle.ts';
import type { Served } from './deployment/deployment.ts';
import { openRunningCloud } from './deployment/running-cloud.ts';
import { toOptions } from './deployment/where.ts';
import { toCopy } from './next-step.ts';
import type { SessionParts } from './session.ts';
import type { VerbArguments } from './verbs/verb.ts';

interface HeldFolder extends Pick<SessionParts, 'clock'> {
  readonly args: VerbArguments;
  readonly io: Pick<CommandIo, 'signal'>;
  readonly data: string;
}

/** Of a folder that another run holds: where a cloud serves it, what has that cloud do the same work. */
export const toServedRun = async (
  error: unknown,
  work: Work,
  { args, io, data, clock }: HeldFolder,
): Promise<unknown> => {
  if (!(error instanceof TransientError)) return error;
  const cloud = await openRunningCloud(data, { signal: io.signal, clock });
  if (cloud === undefined) return error;
  const { served } = cloud;
  await cloud.close();
  const ways = [
    ...(served === undefined ? [] : toCopies(work, served)),
    ...toTriggers(work, toOptions(args)),
  ];
  if (ways.length === 0) return error;
  return new TransientError(`${error.message}; or have that run do it: ${ways.join('; ')}`, { cause: error });
};

const MOST_NAMED = 3;

/** A feed of files reads what is landed. */
const toTriggers = ({ feeds }: Work, options: string): readonly string[] => {
  const names = feeds.filter(({ source }) => source.kind === 'http').map(({ feed }) => feed);
  return (names.length > MOST_NAMED ? ['FEED'] : names).map(
    (name) => `npx millrace trigger ${name}${options}`,
  );
};

/** One command a place: several files of a feed are copied alike. */
const toCopies = ({ files }: Work, { clientFile, bucket }: Served): readonly string[] => {
  const byPlace = Map.groupBy(files, ({ landing }) => `s3://${landing.bucket ?? bucket}/${landing.prefix}`);
  return [...byPlace].map(([place, [first, ...more]]) =>
    toCopy(clientFile, place, more.length === 0 ? first?.path : undefined),
  );
};
