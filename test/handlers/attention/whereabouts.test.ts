import { describe, expect, it } from 'vitest';
import { whereaboutsOf } from '../../../handlers/attention/whereabouts.ts';

const where = whereaboutsOf({
  deployment: 'test',
  region: 'eu-central-1',
  logGroups: ['/aws/vendedlogs/states/A', '/aws/vendedlogs/states/B'],
});

/** As the console reads its own address. */
const readBack = (url: string): string =>
  decodeURIComponent(url.slice(url.indexOf('queryDetail')).replaceAll('$', '%'))
    .replaceAll(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/\*(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

describe('the pages of a message', () => {
  it('are a log query for the batch in the logs of the machines', () => {
    const url = where.logs('items', 'w-1');
    expect(url).toMatch(
      /^https:\/\/eu-central-1\.console\.aws\.amazon\.com\/cloudwatch\/home\?region=eu-central-1#logsV2:logs-insights\$3FqueryDetail\$3D[\w.$-]+$/,
    );
    expect(readBack(url)).toBe(
      `queryDetail=~(end~0~start~-86400~timeType~'RELATIVE~unit~'seconds~editorString~'fields @timestamp, type, details.name, details.error, details.cause | filter @message like "w-1" | sort @timestamp desc | limit 200~source~(~'/aws/vendedlogs/states/A~'/aws/vendedlogs/states/B))`,
    );
  });

  it('are the traces of the batch, or of the feed where there is none', () => {
    expect(where.trace('items', 'w-1')).toBe(
      'https://eu-central-1.console.aws.amazon.com/xray/home?region=eu-central-1#/traces?timeRange=PT6H&filter=annotation.batch%20%3D%20%22w-1%22',
    );
    expect(where.trace('items', undefined)).toContain('annotation.feed%20%3D%20%22items%22');
    expect(where.options).toBe(' --env test');
  });

  it('have nothing that an input transformer would take for its own', () => {
    for (const url of [where.logs('items', 'w-1'), where.trace('items', 'w-1')])
      expect(url).not.toMatch(/["\\<>\s]/);
  });
});
