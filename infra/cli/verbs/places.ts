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

export const secrets = {
  value: 'FILE',
  help: 'secrets as JSON; default MILLRACE_SECRETS, then DIR/secrets.json',
} as const satisfies OptionSpec;

export const variable = {
  value: 'NAME=TEXT',
  isRepeated: true,
  help: 'what a run would know of INPUT, for texts of value: partition=items; may be repeated',
} as const satisfies OptionSpec;
