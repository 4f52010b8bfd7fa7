import { backfill } from './backfill.ts';
import { batch } from './batch.ts';
import { convert } from './convert.ts';
import { cost } from './cost.ts';
import { demo } from './demo.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { infer } from './infer.ts';
import { init } from './init.ts';
import { logs } from './logs.ts';
import { pause } from './pause.ts';
import { preview } from './preview.ts';
import { query } from './query.ts';
import { rebuild } from './rebuild.ts';
import { redrive } from './redrive.ts';
import { rejects } from './rejects.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { secret } from './secret.ts';
import { status } from './status.ts';
import { trace } from './trace.ts';
import { trigger } from './trigger.ts';
import { validate } from './validate.ts';
import type { Verb } from './verb.ts';

/** The command's verbs, in the order that help shows. Help, the reading of arguments and dispatch are made from them. */
export const VERBS = {
  demo,
  run,
  convert,
  infer,
  preview,
  query,
  diff,
  status,
  runs,
  batch,
  rejects,
  trigger,
  backfill,
  redrive,
  rebuild,
  pause,
  resume,
  logs,
  trace,
  cost,
  doctor,
  secret,
  validate,
  init,
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof VERBS;

/** Verbs that the command will have; named so that they can be refused by name. */
export const LATER_VERBS: readonly string[] = ['console'];
