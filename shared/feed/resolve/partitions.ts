import { InvalidInput } from '../../errors.ts';
import type { HttpSource, Partition } from '../../model/feed.ts';
import type { Next } from '../../source/paging/registry.ts';
import { checkVariables, parseTemplate, variablesOf } from '../../source/template.ts';
import type { FeedDocument } from '../document/feed.ts';
import type { KeyPath } from '../document/yaml-source.ts';
import type { Check } from './check.ts';

/** Partitions, and the templates of a request with what they read. */

/** The partitions; a feed without any has one with an empty name, and so has one whose source lists them, with the values that it will have. */
export const resolvePartitions = (doc: FeedDocument, check: Check): readonly Partition[] => {
  const { partitions } = doc;
  if (partitions === undefined) return [{ name: '', values: {} }];
  if (!Array.isArray(partitions)) {
    const names = Object.keys(partitions.values).filter((name) => name !== 'name');
    return [{ name: '', values: Object.fromEntries(names.map((name) => [name, ''])) }];
  }
  const seen = new Set<string>();
  return partitions.map(({ name, ...values }, index) => {
    if (name === '' || seen.has(name)) {
      check.refuse(
        ['partitions', index, 'name'],
        `got '${name}', allowed a name of its own for each partition`,
      );
    }
    seen.add(name);
    return { name, values };
  });
};

interface PlacedTemplate {
  readonly path: KeyPath;
  readonly text: string;
  readonly isHeader: boolean;
}

interface Requests {
  readonly url?: string | undefined;
  readonly path?: string | undefined;
  readonly params?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

const templatesOf = (http: Requests, path: KeyPath): readonly PlacedTemplate[] => {
  const params = Object.entries(http.params ?? {}).flatMap(([name, values]) =>
    [values].flat().map((text, index) => ({
      path: Array.isArray(values) ? [...path, 'params', name, index] : [...path, 'params', name],
      text,
      isHeader: false,
    })),
  );
  return [
    ...(http.url === undefined ? [] : [{ path: [...path, 'url'], text: http.url, isHeader: false }]),
    ...(http.path === undefined ? [] : [{ path: [...path, 'path'], text: http.path, isHeader: false }]),
    ...params,
    ...Object.entries(http.headers ?? {}).map(([name, text]) => ({
      path: [...path, 'headers', name],
      text,
      isHeader: true,
    })),
    ...(http.body === undefined ? [] : [{ path: [...path, 'body'], text: http.body, isHeader: false }]),
  ];
};

/** Whether the requests name the token of the next page themselves. */
const sendsToken = (next: Next | undefined): boolean =>
  next !== undefined && 'token' in next && next.param === undefined;

const simpleVariables = (doc: FeedDocument): readonly string[] => [
  ...(doc.partitions === undefined ? [] : ['partition']),
  ...(doc.window === undefined ? [] : ['window.from', 'window.to']),
  ...(doc.source.http?.connection === undefined ? [] : ['connection']),
  ...(sendsToken(doc.source.http?.next) ? ['next.token'] : []),
  'fields',
];

/** The variables that a template may read, with a message for secrets where they would end up in logs. */
const readVariables = (
  template: PlacedTemplate,
  known: readonly string[],
  hasSecret: boolean,
): readonly string[] => {
  const parsed = parseTemplate(template.text);
  const variables = variablesOf(parsed);
  const secrets = variables.filter((name) => name.startsWith('secret.'));
  if (secrets.length > 0 && !template.isHeader) {
    throw new InvalidInput(`got \${${secrets[0]}}, allowed in headers only: URLs are logged`);
  }
  if (secrets.length > 0 && !hasSecret)
    throw new InvalidInput(`got \${${secrets[0]}}, allowed where auth has a secret`);
  checkVariables(parsed, [...known, ...secrets]);
  return variables;
};

/** What one partition's requests read, through the partition's own values too. */
const variablesOfPartition = (partition: Partition, read: ReadonlySet<string>): ReadonlySet<string> => {
  const values = Object.entries(partition.values).filter(([name]) => read.has(`partition.${name}`));
  return new Set([...read, ...values.flatMap(([, text]) => variablesOf(parseTemplate(text)))]);
};

const checkWindowIsRead = (
  doc: FeedDocument,
  name: string,
  read: ReadonlySet<string>,
  check: Check,
): void => {
  const who = name === '' ? '' : ` of partition '${name}'`;
  if (!read.has('window.from') && doc.window?.stopWhenOlder !== true) {
    check.refuse(
      ['window'],
      `needs \${window.from} in the requests${who}, or stopWhenOlder: without it every batch reads everything`,
      'key',
    );
  }
  if (doc.window?.until !== undefined && !read.has('window.to')) {
    check.refuse(
      ['window', 'until'],
      `needs \${window.to} in the requests${who}: without it the source is told no end`,
      'key',
    );
  }
  if (doc.window?.step !== undefined && !read.has('window.to')) {
    check.refuse(
      ['window', 'step'],
      `needs \${window.to} in the requests${who}: without it every step reads to the end`,
      'key',
    );
  }
};

/** A listing is read once for all partitions and windows, so that its requests have little to read. */
const checkListingTemplates = (
  doc: FeedDocument,
  source: HttpSource,
  hasSecret: boolean,
  check: Check,
): void => {
  const { partitions } = doc;
  if (partitions === undefined || Array.isArray(partitions)) return;
  const { next = source.next } = partitions.http;
  const known = [
    ...(source.connection === undefined ? [] : ['connection']),
    ...(next !== 'none' && sendsToken(next) ? ['next.token'] : []),
  ];
  for (const template of templatesOf(partitions.http, ['partitions', 'http'])) {
    check.attempt(template.path, () => readVariables(template, known, hasSecret));
  }
};

/** Checks all templates of an http source: known variables only, present in every partition, and the window's among them. */
export const checkTemplates = (
  doc: FeedDocument,
  source: HttpSource,
  partitions: readonly Partition[],
  check: Check,
): void => {
  const simple = simpleVariables(doc);
  const named = [...new Set(partitions.flatMap(({ values }) => Object.keys(values)))].map(
    (name) => `partition.${name}`,
  );
  const hasSecret = source.auth.kind !== 'none';
  const read = new Set<string>();
  for (const template of templatesOf(doc.source.http ?? {}, ['source', 'http'])) {
    const variables = check.attempt(template.path, () =>
      readVariables(template, [...simple, ...named], hasSecret),
    );
    for (const variable of variables ?? []) read.add(variable);
  }
  for (const [index, { values }] of partitions.entries()) {
    for (const [name, text] of Array.isArray(doc.partitions) ? Object.entries(values) : []) {
      check.attempt(['partitions', index, name], () => checkVariables(parseTemplate(text), simple));
    }
    const lacking = named.find(
      (name) => read.has(name) && !Object.hasOwn(values, name.slice('partition.'.length)),
    );
    if (lacking !== undefined)
      check.refuse(
        ['partitions', index],
        `has no '${lacking.slice('partition.'.length)}', which the requests read`,
      );
  }
  if (sendsToken(doc.source.http?.next) && !read.has('next.token')) {
    check.refuse(
      ['source', 'http', 'next', 'token'],
      'needs param, or ${next.token} in the body or the params: without it every page is the first',
      'key',
    );
  }
  checkListingTemplates(doc, source, hasSecret, check);
  if (doc.window === undefined || check.problems.length > 0) return;
  for (const partition of partitions)
    checkWindowIsRead(doc, partition.name, variablesOfPartition(partition, read), check);
};
