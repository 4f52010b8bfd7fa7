import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../infra/cli/arguments.ts';
import { openDeployment } from '../../../../infra/cli/deployment/open-deployment.ts';
import { toRecordText } from '../../../../shared/state/record-text.ts';
import { serveAws } from '../../../fakes/aws-endpoint.ts';
import { dropsFeed } from '../../../handlers/extract/world.ts';
import { fakeIo } from '../fake-io.ts';

/** What S3 would answer by path and query; an absent key is told as S3 tells it. */
let answers: Readonly<Record<string, string>> = {};
serveAws('S3', ({ path: asked, query }) => {
  const path = asked.replace(/(?<=.)\/$/, '');
  const found = answers[query.has('tagging') ? `${path}?tagging` : path];
  return found === undefined
    ? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    : { status: 200, body: found };
});

const FOUND = {
  '/': '<ListAllMyBucketsResult><Buckets><Bucket><Name>millracestorage-test-1</Name></Bucket></Buckets></ListAllMyBucketsResult>',
  '/millracestorage-test-1?tagging':
    '<Tagging><TagSet><Tag><Key>aws:cloudformation:stack-name</Key><Value>MillraceStorage-test</Value></Tag></TagSet></Tagging>',
};
const open = () => {
  const line = parseCommandLine(['status', '--env', 'test', '--region', 'eu-central-1']);
  if (line.kind !== 'verb') throw new Error(line.kind);
  return openDeployment(line, fakeIo());
};

describe('a deployment on AWS', () => {
  it('is what its sweep says in its bucket', async () => {
    const deployed = toRecordText({
      ...{ invocation: 'i', at: '2026-01-15T08:00:00.000Z', feeds: { drops: dropsFeed() } },
      warehouse: { workgroupName: 'dwh', database: 'millrace' },
    });
    answers = { ...FOUND, '/millracestorage-test-1/deployed/deployment.json': deployed };
    const deployment = await open();
    expect(deployment.options).toBe(' --env test --region eu-central-1');
    expect(Object.keys((await deployment.readFeeds()) ?? {})).toEqual(['drops']);
    expect(await deployment.readBucket()).toBe('millracestorage-test-1');
    await expect(deployment.query('delete from x')).rejects.toThrow(
      'query takes a statement that begins with SELECT, WITH, SHOW or EXPLAIN, got "delete from x"',
    );
    await deployment.close();
  });

  it('that has not been swept yet says what it waits for', async () => {
    answers = FOUND;
    await expect(open()).rejects.toThrow(
      'deployment test has not written yet which feeds it runs: its sweep writes that',
    );
  });
});
