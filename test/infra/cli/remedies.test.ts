import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { headingOf } from '../../../infra/cli/next-step.ts';
import {
  commandsFor,
  commandsOf,
  parkedWays,
  REMEDIES,
  remedyOf,
  toWaysText,
} from '../../../shared/attention/remedies/registry.ts';
import type { Way } from '../../../shared/attention/remedies/remedy.ts';
import type { Subject } from '../../../shared/attention/subject.ts';
import * as errors from '../../../shared/errors.ts';
import { fateOf } from '../../../shared/fates.ts';

const RANGE = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-09T00:00:00.000Z' };
const BATCHES = ['w-20260101T000000000Z', 's-20260101T000000000Z', 'b-0123456789ab-x', 'f-1', 'k-1'];
const CAUSES = ["Load into table 'x' failed.", 'value too long for type character varying(5)'];
const AGAIN = [
  undefined,
  { ...RANGE, isAgain: true },
  { ...RANGE, isAgain: true, partition: 'b c' },
  { ...RANGE, isAgain: false, rebuilds: 'ewm.items' },
];

/** Every error that may stand in a record: ours, some of AWS's, and one that nobody knows. */
const CAUSES_BY_NAME = [
  ...Object.values(errors).map((Class) => new Class('').name),
  ...['Lambda.TooManyRequestsException', 'States.Timeout', 'Nobody.Knows'],
];

const subjectsOf = (error: string): readonly Subject[] =>
  BATCHES.flatMap((batch) =>
    CAUSES.flatMap((message) =>
      AGAIN.flatMap((again) =>
        [false, true].map((hasOthers) => ({
          ...{ feed: 'items', batch, error, again, hasOthers, cause: `${error}: ${message}` },
        })),
      ),
    ),
  );

/** A command's words, as a shell hands them over. */
const toWords = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const PLACES: readonly (readonly string[])[] = [
  [],
  ['--env', 'prod'],
  ['--feeds', 'f', '--data', 'd', '--secrets', 's.json'],
];

const expectCommand = (command: string, places: readonly (readonly string[])[]): void => {
  const [npx, millrace, ...words] = toWords(command);
  expect([npx, millrace]).toEqual(['npx', 'millrace']);
  for (const place of places)
    expect([command, parseCommandLine([...words, ...place]).kind]).toEqual([command, 'verb']);
};

/** What an alarm, the status and a failing run write of ways. */
const expectWritten = (ways: readonly Way[]): void => {
  const written = toWaysText(ways, { options: ' --env prod' });
  for (const command of commandsOf(ways)) expect(written).toContain(`${command} --env prod`);
  expect(written.match(/npx millrace/g)?.length ?? 0).toBe(commandsOf(ways).length);
  // Each command ends its step, so that it may be copied as it stands.
  for (const [, rest = ''] of written.matchAll(/--env prod(.*?)(?=npx|$)/g))
    expect(rest).toMatch(/^(?:; .*)?$/);
};

describe('the remedy of each cause', () => {
  it('is there, of every error that there is and of no other', () => {
    const { TransientError: _, TerminalError: _t, ...named } = errors;
    expect(Object.keys(REMEDIES).sort()).toEqual(Object.keys(named).sort());
  });

  it.each(CAUSES_BY_NAME)('of %s is commands that the command line takes, here and with --env', (error) => {
    const { failing, waiting } = remedyOf(error);
    for (const subject of subjectsOf(error)) {
      const parked = parkedWays(subject);
      for (const command of commandsOf(parked)) {
        // A batch that its rejects failed is never told by what finds feeds elsewhere: its document is landed again.
        expectCommand(command, PLACES);
      }
      for (const ways of [failing(subject), waiting(subject)])
        for (const command of commandsOf(ways)) expectCommand(command, PLACES.slice(0, 2));
      for (const ways of [parked, failing(subject), waiting(subject)]) {
        expect(ways.length).toBeGreaterThan(0);
        for (const command of commandsFor(subject, ways)) expectCommand(command, PLACES.slice(0, 2));
        expectWritten(ways);
      }
    }
  });

  it.each(CAUSES_BY_NAME)('of %s takes up, skips or replaces each batch that it parks', (error) => {
    for (const subject of subjectsOf(error)) {
      const last = parkedWays(subject).map((way) => way.at(-1));
      for (const step of last) {
        if (step === undefined || !('type' in step)) expect(step).toEqual({ lands: true });
        else expect(step.type).toMatch(/ redrive items| trigger items --compare$| rebuild ewm\.items$/);
      }
    }
  });
});

describe('rows that failed their batch', () => {
  const waysOf = (batch: string) =>
    toWaysText(parkedWays({ feed: 'items', batch, error: 'TooManyRejects' }), { options: '' });

  it('are mended in the feed or, of a landed file, in the file', () => {
    const ofFeed = (batch: string): string =>
      `npx millrace rejects items --batch ${batch}; mend the feed; then npx millrace redrive items ${batch}`;
    expect(waysOf('w-1')).toBe(ofFeed('w-1'));
    expect(waysOf('f-1')).toBe(
      `${ofFeed('f-1')}; or where the file is wrong, mend it; land it again under its name`,
    );
  });
});

describe('a document that cannot be read', () => {
  it('is landed again where it is a landed file, and no other is', () => {
    const waysOf = (batch: string) => parkedWays({ feed: 'items', batch, error: 'XmlMalformed' });
    expect(waysOf('f-1')[0]).toEqual([{ say: 'mend the file' }, { lands: true }]);
    expect(waysOf('w-1')).toEqual([
      [{ say: 'mend the source or the feed' }, { type: 'npx millrace redrive items w-1' }],
    ]);
  });
});

describe('what is wrong with part files', () => {
  const error = 'LoadDataRefused';
  const cause = `${error}: Load into table 'x' failed. Check 'sys_load_error_detail' system table for details.`;
  const commandsOfBatch = (batch: string, more: Partial<Subject> = {}) =>
    commandsOf(parkedWays({ feed: 'items', batch, error, cause, ...more }));
  const again = { ...RANGE, isAgain: true };
  const backfill = `npx millrace backfill items --from ${RANGE.from} --to ${RANGE.to} --again`;

  it.each([
    ['a window', 'w-1', { again }, [backfill, 'npx millrace redrive items w-1 --skip --yes']],
    ['a landed file', 'f-1', { again }, [backfill, 'npx millrace redrive items f-1 --skip --yes']],
    [
      ...['all that the source has', 's-1'],
      {},
      ['npx millrace trigger items', 'npx millrace redrive items s-1 --skip --yes'],
    ],
    [
      ...['a stretch of a rebuild', 'b-1'],
      { again: { ...RANGE, isAgain: false, rebuilds: 'ewm.items' } },
      ['npx millrace rebuild ewm.items --cancel', 'npx millrace rebuild ewm.items'],
    ],
    ['rows without a key', 'w-1', {}, ['npx millrace redrive items w-1']],
  ] as const)('is not loaded again: %s is read again', (_, batch, more, commands) => {
    expect(commandsOfBatch(batch, more)).toEqual(commands);
  });

  it('is told from what the table refused, which is loaded again once that is mended', () => {
    for (const message of ['value too long for type character varying(5)', 'numeric overflow'])
      expect(commandsOfBatch('w-1', { again, cause: message })).toEqual(['npx millrace redrive items w-1']);
    for (const message of [
      'mandatory file s3://b/staged/x does not exist',
      'S3ServiceException: NoSuchKey',
      'batch w-20260101T000000000Z staged 2 rows of 3',
    ])
      expect(commandsOfBatch('w-1', { again, cause: message })).toHaveLength(2);
  });
});

describe('the runbook', () => {
  const RUNBOOK = readFileSync('docs/runbook.md', 'utf8');
  const sectionOf = (heading: string): string =>
    RUNBOOK.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const parking = Object.keys(REMEDIES).filter((name) =>
    ['document', 'batch', 'person'].includes(fateOf(name) ?? ''),
  );

  it.each(parking)(
    'explains %s under the heading that is named with it, with each verb of its remedy',
    (error) => {
      const states = ['ExtractSlice', 'DescribeLoad'];
      const sections = states
        .map((state) => sectionOf(headingOf({ state, error })))
        .filter((section) => section.includes(`\`${error}\``));
      expect(sections).not.toEqual([]);
      const ways = subjectsOf(error).flatMap((subject) => parkedWays(subject));
      const verbs = new Set(commandsOf(ways).map((command) => command.split(' ')[2]));
      const text = [sectionOf('FeedParked'), ...sections].join('');
      for (const verb of verbs) expect(text, verb).toContain(`npx millrace ${verb}`);
    },
  );
});
