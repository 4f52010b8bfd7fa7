import { data, feeds, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const infer: Verb = {
  summary: 'read a sample once and print the feed file that reads it; where it fails it prints nothing',
  operands: { usage: 'SAMPLE or URL', min: 1, max: 1 },
  options: {
    connection: { value: 'C', help: 'fetch by this connection; then a path below its baseUrl will do' },
    param: { value: 'k=v', isRepeated: true, help: 'a parameter of the URL; may be repeated' },
    feed: { value: 'NAME', help: "the feed's name; default the sample's" },
    secrets,
    feeds,
    data,
  },
  examples: [
    'npx millrace infer feeds/samples/inspections.xml > feeds/inspections.yaml',
    'npx millrace infer /ccm/rpt/repository/workitem --connection jazz --param size=100 --feed work_items',
  ],
  run: async (args, io) => (await import('../infer-from-sample.ts')).inferFromSample(args, io),
};
