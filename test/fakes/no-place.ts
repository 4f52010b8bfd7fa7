import type { Whereabouts } from '../../shared/attention/message.ts';

/** A deployment whose commands need no option and whose pages are names. */
export const noPlace: Whereabouts = {
  options: '',
  logs: (feed, batch) => `logs of ${batch ?? feed}`,
  trace: (feed, batch) => `traces of ${batch ?? feed}`,
};
