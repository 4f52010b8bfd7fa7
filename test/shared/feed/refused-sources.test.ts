import { expect, test } from 'vitest';
import { ATOM, edit, problemsOf, WORK_ITEMS } from './sample.ts';

// Sources.
test.each([
  [
    'an unknown connection',
    WORK_ITEMS,
    'connection: jazz',
    'connection: jaz',
    ["5:17: source.http.connection: got 'jaz', allowed jazz"],
  ],
  [
    'a path that is not one',
    WORK_ITEMS,
    'path: /ccm',
    'path: ccm',
    ["6:11: source.http.path: got 'ccm/rpt/repository/workitem', allowed a path that starts with /"],
  ],
  [
    'http',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'url: http://example.com/ccm',
    ["5:10: source.http.url: got 'http://example.com/ccm/rpt/repository/workitem', allowed https://…"],
  ],
  [
    'http to this machine where it is not the local cloud',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'url: http://127.0.0.1:80/ccm',
    [
      "5:10: source.http.url: got 'http://127.0.0.1:80/ccm/rpt/repository/workitem', allowed https://…; http to this machine only on the local cloud",
    ],
  ],
  [
    'https to this machine where it is not the local cloud, however its address is written',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'url: https://0x7f.1:9001/ccm',
    [
      "5:10: source.http.url: got 'https://0x7f.1:9001/ccm/rpt/repository/workitem', allowed another machine; this one only on the local cloud",
    ],
  ],
  [
    'a variable for the host',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'url: https://${partition}.example/ccm',
    [
      "5:10: source.http.url: got 'https://${partition}.example/ccm/rpt/repository/workitem', allowed variables after the host only",
    ],
  ],
  [
    'a user in the URL',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'url: https://u:p@a.example/ccm',
    ['5:10: source.http.url: got a user in the URL, allowed auth with a secret'],
  ],
  [
    'auth beside a connection',
    WORK_ITEMS,
    'connection: jazz\n',
    'connection: jazz\n    auth: {kind: none}\n',
    ["6:5: source.http.auth: stands in the connection 'jazz', allowed here without connection only"],
  ],
  [
    'auth without its secret',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'auth: {kind: basic}\n    url: https://a.example/ccm',
    ['5:5: source.http.auth.secret: is missing, allowed text'],
  ],
  [
    'no time for the source to answer',
    WORK_ITEMS,
    'connection: jazz\n    path: /ccm',
    'limits: { idleTimeout: 0s }\n    url: https://a.example/ccm',
    ["5:28: source.http.limits.idleTimeout: got '0s', allowed at least 1s"],
  ],
  [
    'another bucket without a prefix',
    ATOM,
    's3: {}',
    's3: { bucket: of-others }',
    ['3:3: source.s3.prefix: is missing, allowed what keys of the bucket start with, as in drops/'],
  ],
  [
    'a prefix of our own bucket',
    ATOM,
    's3: {}',
    's3: { prefix: drops/ }',
    ['3:9: source.s3.prefix: allowed with bucket only: in our own, files land under landing/<feed>/'],
  ],
  [
    'a bucket that cannot be, and a prefix that policies would read otherwise',
    ATOM,
    's3: {}',
    "s3: { bucket: B, prefix: 'a*/' }",
    [
      "3:17: source.s3.bucket: got 'B', allowed the name of a bucket: 3 to 63 of a-z, 0-9, - and .",
      "3:28: source.s3.prefix: got 'a*/', allowed letters, digits and . _ / -, as in drops/",
    ],
  ],
  [
    'ranges of nearly nothing',
    ATOM,
    's3: {}',
    's3: { splitBytes: 64KiB }',
    ["3:21: source.s3.splitBytes: got '64KiB', allowed at least 1MiB"],
  ],
  [
    'files that are removed on the day that they landed',
    ATOM,
    's3: {}',
    's3: { keep: 12h }',
    ["3:15: source.s3.keep: got '12h', allowed at least 1d"],
  ],
  [
    'files of others that are removed',
    ATOM,
    's3: {}',
    's3: { bucket: erp-exports, prefix: a/, keep: 30d }',
    [
      "3:48: source.s3.keep: got '30d' of bucket erp-exports, allowed for landing/ of the deployment's own bucket only; give that bucket a lifecycle rule",
    ],
  ],
  [
    'neither http nor s3',
    ATOM,
    's3: {}',
    '{}',
    ['2:1: source: got neither, allowed exactly one of http and s3'],
  ],
  [
    'a schedule for landed objects',
    ATOM,
    'source:\n',
    'schedule: rate(1 day)\nsource:\n',
    ['2:1: schedule: allowed for an http source only: each landed object is a batch of its own'],
  ],
  [
    'a rate in the wrong number',
    WORK_ITEMS,
    'schedule: rate(15 minutes)',
    'schedule: rate(1 minutes)',
    [
      "13:11: schedule: got 'rate(1 minutes)', allowed rate(15 minutes), cron(0 3 * * ? *) with six fields, of the two days one ?, at(2026-01-31T03:00:00)",
    ],
  ],
  [
    'a cron of two days',
    WORK_ITEMS,
    'schedule: rate(15 minutes)',
    'schedule: cron(0 3 * * * *)',
    [
      "13:11: schedule: got 'cron(0 3 * * * *)', allowed rate(15 minutes), cron(0 3 * * ? *) with six fields, of the two days one ?, at(2026-01-31T03:00:00)",
    ],
  ],
  [
    'an unknown time zone',
    WORK_ITEMS,
    'rate(15 minutes)',
    '{ expression: cron(0 3 * * ? *), timezone: Europe/Berlinn }',
    ["13:54: schedule.timezone: got 'Europe/Berlinn', allowed a zone such as Europe/Berlin"],
  ],
  [
    'an offset for a time zone, which Scheduler does not take',
    WORK_ITEMS,
    'rate(15 minutes)',
    "{ expression: cron(0 3 * * ? *), timezone: '+02:00' }",
    ["13:54: schedule.timezone: got '+02:00', allowed a zone such as Europe/Berlin"],
  ],
  [
    'a cron of minutes and hours that there are not',
    WORK_ITEMS,
    'schedule: rate(15 minutes)',
    'schedule: cron(99 77 * * ? *)',
    ["13:11: schedule: got 'cron(99 77 * * ? *)', minutes '99', allowed 0-59"],
  ],
  [
    'a day that there is not',
    WORK_ITEMS,
    'schedule: rate(15 minutes)',
    'schedule: at(2026-02-30T03:00:00)',
    ["13:11: schedule: got 'at(2026-02-30T03:00:00)', allowed a day and a time that there are"],
  ],
  [
    'a next link from another root',
    WORK_ITEMS,
    'next: { url: "/workitem',
    'next: { url: "/workitems',
    [
      "9:18: source.http.next.url: got '/workitems[@rel='next']/@href', allowed a path from the root of /workitem/workItem",
    ],
  ],
  [
    'two percentages of rejects',
    WORK_ITEMS,
    'contract: evolve',
    'rejects: { atMost: [1%, 2%] }',
    ['41:20: rejects.atMost: got [1%, 2%], allowed a count and a percentage up to 100%, as in [10, 1%]'],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

// Templates.
test.each([
  [
    'an unknown variable, and lists the known',
    WORK_ITEMS,
    '${window.from} and',
    '${window.form} and',
    [
      '11:28: partitions[0].select: got ${window.form}, allowed ${partition} ${window.from} ${window.to} ${connection} ${fields}',
    ],
  ],
  [
    'a secret in a URL',
    WORK_ITEMS,
    'size: 500',
    'size: "${secret.x}"',
    ['7:61: source.http.params.size: got ${secret.x}, allowed in headers only: URLs are logged'],
  ],
  [
    'a variable that one partition lacks',
    WORK_ITEMS,
    'select: "deleted',
    'selct: "deleted',
    ["12:5: partitions[1]: has no 'select', which the requests read"],
  ],
  [
    'two partitions of one name',
    WORK_ITEMS,
    'name: gone',
    'name: items',
    ["12:13: partitions[1].name: got 'items', allowed a name of its own for each partition"],
  ],
  [
    'a window that one partition does not read',
    WORK_ITEMS,
    'deletedWorkItem[modified>${window.from} and ',
    'deletedWorkItem[',
    [
      "14:1: window: needs ${window.from} in the requests of partition 'gone', or stopWhenOlder: without it every batch reads everything",
    ],
  ],
  [
    'a step without an end',
    WORK_ITEMS,
    ' and modified<${window.to}',
    '',
    [
      "17:3: window.step: needs ${window.to} in the requests of partition 'items': without it every step reads to the end",
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});

// Windows.
test.each([
  [
    'a cursor that is no column',
    WORK_ITEMS,
    'cursor: modified',
    'cursor: modifed',
    [
      "15:11: window.cursor: got 'modifed', allowed a column of ewm.work_items: item_id id summary modified state severity server_version",
    ],
  ],
  [
    'a cursor that is no time',
    WORK_ITEMS,
    'cursor: modified',
    'cursor: id',
    ["15:11: window.cursor: got 'id' of type bigint, allowed date, timestamp or timestamptz"],
  ],
  [
    'a step below the unit of the format',
    WORK_ITEMS,
    'step: 30d\n  lookback: 10m\n  delay: 2m\n  format: "yyyy-MM-dd\'T\'HH:mm:ss.SSSZ"',
    'step: 1h\n  format: date',
    ['17:9: window.step: got 1h, allowed at least 86400s, the unit of the format date'],
  ],
  [
    'to stop at an older page where there is one page',
    edit(WORK_ITEMS, `    next: { url: "/workitem[@rel='next']/@href" }\n`, ''),
    'delay: 2m',
    'stopWhenOlder: true',
    [
      '18:18: window.stopWhenOlder: got true, allowed with source.http.next only: one page has nothing to stop before',
    ],
  ],
  [
    'an end that the source includes and is not told',
    edit(WORK_ITEMS, '  step: 30d\n', '  until: inclusive\n'),
    ' and modified<${window.to}',
    '',
    [
      "17:3: window.until: needs ${window.to} in the requests of partition 'items': without it the source is told no end",
    ],
  ],
  [
    'a format with an unknown letter',
    WORK_ITEMS,
    "yyyy-MM-dd'T'HH",
    'yyyy-MM-ddTHH',
    [
      "20:11: window.format: time format 'yyyy-MM-ddTHH:mm:ss.SSSZ': got T, allowed iso iso-offset date epoch-seconds epoch-millis rfc822, or a pattern of yyyy yy M MM MMM d dd EEE H HH h hh a m mm s ss S to SSSSSSSSS Z X XX XXX x xx xxx and 'text'",
    ],
  ],
  [
    'replace of a part',
    WORK_ITEMS,
    'disposition: merge',
    'disposition: replace',
    [
      '24:18: tables.ewm.work_items.disposition: replace: allowed without a window only, since a window is not the whole',
    ],
  ],
  [
    'append that reads rows again without a key',
    WORK_ITEMS,
    'disposition: merge\n    key: [item_id]',
    'disposition: append',
    [
      '22:3: tables.ewm.work_items: has no key: append with window.lookback reads rows again and inserts new keys only',
    ],
  ],
])('refuses %s', (_, text, from, to, expected) => {
  expect(problemsOf(edit(text, from, to))).toEqual(expected);
});
