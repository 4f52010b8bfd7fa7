import type { OptionSpec } from './verb.ts';

/** Options that say where a verb finds things, and what they are; several verbs have them. */

export const feeds = {
  value: 'DIR',
  default: 'feeds',
  help: 'the folder of the feed files',
} as const satisfies OptionSpec;

export const data = {
  value: 'DIR',
  default: '.millrace',
  help: 'where the local cloud keeps its state',
} as const satisfies OptionSpec;

export const env = {
  value: 'ENV',
  help: 'the deployment of this name on AWS, instead of the local cloud; `default` is the one without a name',
} as const satisfies OptionSpec;

export const profile = {
  value: 'P',
  help: "of --env: the profile of AWS's own files; default AWS_PROFILE",
} as const satisfies OptionSpec;

export const region = {
  value: 'R',
  help: "of --env: the region; default AWS_REGION, then the profile's",
} as const satisfies OptionSpec;

/** Which deployment a verb works on: the local cloud of a folder, or one on AWS. */
export const place = { data, env, profile, region } as const;

export const json = {
  help: 'print one JSON document on stdout, and nothing else there',
} as const satisfies OptionSpec;

export const secrets = {
  value: 'FILE',
  help: 'secrets as JSON; default MILLRACE_SECRETS, then DIR/secrets.json',
} as const satisfies OptionSpec;

export const variable = {
  value: 'NAME=TEXT',
  isRepeated: true,
  help: 'what a run would know of INPUT, for texts of value: partition=items; may be repeated',
} as const satisfies OptionSpec;

export const batchFeed = {
  value: 'F',
  help: 'whose batch, where several feeds have one of the name',
} as const satisfies OptionSpec;
