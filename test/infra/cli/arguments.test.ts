import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { UsageError } from '../../../infra/cli/command-io.ts';
import { LATER_VERBS, VERBS } from '../../../infra/cli/verbs/registry.ts';

const line = (text: string) => parseCommandLine(text === '' ? [] : text.split(' '));
const refusal = (text: string): string => {
  try {
    line(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${text} was not refused`);
};

describe('the command line', () => {
  it.each(['', '--help', '-h', 'help'])('shows help for "%s"', (text) => {
    expect(line(text)).toEqual({ kind: 'help' });
  });

  it.each(Object.keys(VERBS))('shows the help of %s', (verb) => {
    expect(line(`${verb} --help`)).toEqual({ kind: 'help', verb });
    expect(line(`help ${verb}`)).toEqual({ kind: 'help', verb });
  });

  it('reads repeated options, flags and defaults', () => {
    const parsed = line('run --feed a --feed=b --file a=x.xml --once --json');
    expect(parsed.kind === 'verb' && Object.fromEntries(parsed.values)).toEqual({
      feed: ['a', 'b'],
      file: ['a=x.xml'],
      feeds: ['feeds'],
      data: ['.millrace'],
    });
    expect(parsed.kind === 'verb' && [...parsed.flags]).toEqual(['once', 'json']);
  });

  it('takes a lone - and what stands after -- as operands', () => {
    const parsed = line('convert a.yaml -');
    expect(parsed.kind === 'verb' && parsed.operands).toEqual(['a.yaml', '-']);
    const sql = line('query -- --1');
    expect(sql.kind === 'verb' && sql.operands).toEqual(['--1']);
  });

  it.each([
    ['rnu', 'unknown verb rnu, did you mean run?'],
    ['frobnicate', 'unknown verb frobnicate; there are demo, run, convert, infer, '],
    ['run --fed x', 'run has no option --fed, did you mean --feed?'],
    ['run -x', 'run has no option -x'],
    ['run --feed', '--feed needs a value, F'],
    ['run --once=yes', '--once takes no value, got "yes"'],
    ['run --at a --at b', '--at is given twice'],
    ['run extra', 'run takes no arguments, got "extra"'],
    ['doctor extra', 'doctor takes no arguments, got "extra"'],
    ['init --frobnicate', 'init has no option --frobnicate; there are none'],
    ['query', 'query takes SQL, got none; npx millrace query --help has examples'],
    ['runs', 'got none; npx millrace status names the feeds; npx millrace runs --help'],
    ['trace', 'got none; npx millrace runs FEED names the batches of a feed; npx millrace trace --help'],
    ['convert one.yaml', 'convert takes FEED.yaml INPUT, got "one.yaml"; npx millrace convert --help'],
  ])('refuses "%s"', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it.each(LATER_VERBS)('refuses %s as not built yet', (verb) => {
    expect(refusal(verb)).toContain(`${verb} is not built yet`);
  });

  it('reads any words or refuses them as wrong usage', () => {
    const word = fc.oneof(
      fc.constantFrom('run', 'query', '--feed', '--json', '--', '-', '--x=1', '-h'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        try {
          expect(['help', 'version', 'verb']).toContain(parseCommandLine(argv).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
