import { emfMetrics } from './adapters/emf-metrics.ts';
import { systemClock } from './adapters/system-clock.ts';
import { whereaboutsOf } from './attention/whereabouts.ts';
import { readConfig } from './config.ts';
import type { Metrics } from './ports/metrics.ts';

/** Metrics by the log; read at a handler's module top, as all of the environment is. */
export const measuring = (): { readonly metrics: Metrics } => {
  const { DEPLOYMENT } = readConfig(['DEPLOYMENT']);
  return {
    metrics: emfMetrics({
      deployment: DEPLOYMENT,
      now: systemClock.now,
      write: (line) => process.stdout.write(`${line}\n`),
    }),
  };
};

/** What a function needs that tells a person of a feed, but for events and records. */
export const telling = () => {
  const { DEPLOYMENT, LOG_GROUPS, AWS_REGION } = readConfig(['DEPLOYMENT', 'LOG_GROUPS', 'AWS_REGION']);
  const where = whereaboutsOf({ deployment: DEPLOYMENT, region: AWS_REGION, logGroups: LOG_GROUPS });
  return { ...measuring(), where };
};
