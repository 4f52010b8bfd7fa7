import { printProblem } from '../../../shared/feed/document/yaml-source.ts';
import { resolveFeeds } from '../../../shared/feed/resolve-feeds.ts';
import type { Feed } from '../../../shared/model/feed.ts';

/** A feed that uses what is supported, and the connection that it names. */

export const CONNECTIONS = `jazz:
  baseUrl: "https://jazz.acme.example:9443"
  auth: { kind: basic, secret: millrace/jazz }
  limits: { concurrency: 4, idleTimeout: 60s }
  trustedHosts: [other.acme.example:9443]
  network: public
`;

export const WORK_ITEMS = `feed: work_items
description: EWM work items of one project area
source:
  http:
    connection: jazz
    path: /ccm/rpt/repository/workitem
    params: { fields: "workitem/\${partition.select}", size: 500 }
    headers: { Accept: application/xml }
    next: { url: "/workitem[@rel='next']/@href" }
partitions:
  - { name: items, select: "workItem[modified>\${window.from} and modified<\${window.to}]/(\${fields})" }
  - { name: gone, select: "deletedWorkItem[modified>\${window.from} and modified<\${window.to}]/(itemId|modified)" }
schedule: rate(15 minutes)
window:
  cursor: modified
  start: 2020-01-01T00:00:00Z
  step: 30d
  lookback: 10m
  delay: 2m
  format: "yyyy-MM-dd'T'HH:mm:ss.SSSZ"
tables:
  ewm.work_items:
    rows: /workitem/workItem
    disposition: merge
    key: [item_id]
    columns:
      item_id: varchar(64) <- itemId
      id: bigint
      summary: { path: summary, type: varchar(1024), truncate: true }
      modified: timestamptz
      state: varchar(64) <- state/name
      severity: varchar(64) <- allExtensions[key='com.acme.severity']/displayValue
      server_version: varchar(16) <- /workitem/@Version
  ewm.comments:
    parent: { item_id: item_id }
    rows: comments
    columns:
      position: { ordinal: true }
      author: varchar(256) <- creator/name
      content: { path: content, type: varchar(max), truncate: true }
contract: evolve
paused: false
`;

export const ATOM = `feed: entries
source:
  s3: {}
namespaces: { default: "http://www.w3.org/2005/Atom" }
tables:
  atom.entries:
    rows: /feed/entry
    disposition: append
    columns:
      id: varchar(256)
      updated: timestamptz
`;

const nameOf = (text: string): string => /^feed: (\w+)/m.exec(text)?.[1] ?? 'feed';

/** The feed of a text; throws its problems. */
export const feedOf = (text: string): Feed => {
  const name = nameOf(text);
  const { feeds, problems } = resolveFeeds([{ name: `${name}.yaml`, text }], CONNECTIONS, undefined, {
    allowLoopback: false,
  });
  const feed = feeds[name];
  if (feed === undefined) throw new Error(problems.map(printProblem).join('\n'));
  return feed;
};

/** What is wrong with a text, a line each: `line:column: message`. */
export const problemsOf = (
  text: string,
  options: Partial<Parameters<typeof resolveFeeds>[3]> = {},
): readonly string[] => {
  const files = [{ name: `${nameOf(text)}.yaml`, text }];
  const { problems } = resolveFeeds(files, CONNECTIONS, undefined, { allowLoopback: false, ...options });
  return problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
};

/** The text with one part replaced; throws where the part is not there. */
export const edit = (text: string, from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`no ${from}`);
  return text.replace(from, () => to);
};
