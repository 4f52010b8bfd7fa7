import { VERBS, type VerbName } from './verbs/registry.ts';
import type { OptionSpec, Verb } from './verbs/verb.ts';

/** The text of `millrace --help`. */
export const toHelp = (): string => {
  const verbs = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `millrace streams XML into Amazon Redshift; here it does so on one machine.

usage: millrace VERB …

${verbs.join('\n')}

millrace VERB --help says more. Exit status: 0 done, 1 the work failed, or what a verb shows
needs a person, 2 wrong usage or a wrong feed file, 130 interrupted.
`;
};

/** The text of `millrace VERB --help`. */
export const toVerbHelp = (name: VerbName): string => {
  const verb: Verb = VERBS[name];
  const usage = ['millrace', name, verb.operands?.usage, '[options]'].filter((word) => word !== undefined);
  const options = Object.entries(verb.options).map(([option, spec]) => toOptionLine(option, spec));
  return `millrace ${name}: ${verb.summary}

usage: ${usage.join(' ')}

${options.join('\n')}

examples:
${verb.examples.map((example) => `  ${example}`).join('\n')}
`;
};

const toOptionLine = (name: string, option: OptionSpec): string => {
  const head = option.value === undefined ? `--${name}` : `--${name} ${option.value}`;
  const given = option.default === undefined ? '' : ` (default ${option.default})`;
  return `  ${head.padEnd(26)}${option.help}${given}`;
};
