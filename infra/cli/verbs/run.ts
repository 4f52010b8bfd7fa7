import { data, feeds, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const run: Verb = {
  summary: 'run feeds on the local cloud: extract, load, report',
  options: {
    feed: {
      value: 'F',
      isRepeated: true,
      help: 'only this feed; may be repeated; default all, or those of --file',
    },
    file: {
      value: 'F=PATH',
      isRepeated: true,
      help: 'drop a file into landing/F/; may be repeated; only F and each --feed run',
    },
    at: { value: 'TIME', help: 'fire schedules as of this time, ISO 8601; default now' },
    compare: {
      help: 'then compare the keys of the feeds that have compareKeys, too, whatever its schedule; without it those fire by the clock alone',
    },
    once: { help: 'end when nothing is under way; without it schedules go on by the clock until Ctrl-C' },
    json: { help: 'print one JSON document on stdout; nothing where the work was interrupted' },
    secrets,
    feeds,
    data,
  },
  examples: [
    'npx millrace run --feed work_items --once',
    'npx millrace run --file inspections=feeds/samples/inspections.xml --once --json',
  ],
  run: async (args, io) => {
    const { runFeeds } = await import('../run-feeds.ts');
    const { localParts } = await import('../local-parts.ts');
    return runFeeds(args, io, localParts(io));
  },
};
