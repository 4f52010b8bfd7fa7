import { DOMParser, type Element } from '@xmldom/xmldom';
import { XMLValidator } from 'fast-xml-parser';
import { expect } from 'vitest';
import type { Jazz } from '../../../../infra/local/jazz/server.ts';

/** Asks the sample server, and reads what it answers. */

export const urlOf = (at: Jazz, params: Record<string, string | number>, resource = 'workitem'): string => {
  const query = Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${at.url}/ccm/rpt/repository/${resource}?${query.join('&')}`;
};

export const ask = async (
  at: Jazz,
  fields: string,
  params: Record<string, string | number> = {},
): Promise<Element> => {
  const response = await fetch(urlOf(at, { fields, ...params }));
  expect(response.status).toBe(200);
  return parse(await response.text());
};

export const parse = (text: string): Element => {
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw new Error(validity.err.msg);
  const root = new DOMParser().parseFromString(text, 'text/xml').documentElement;
  if (root === null) throw new Error('there is no root element');
  return root;
};

export const elements = (of: Element, name?: string): Element[] =>
  [...of.childNodes].filter(
    (node): node is Element => node.nodeType === 1 && (name === undefined || node.nodeName === name),
  );
export const textOf = (of: Element | undefined, path: string): string | undefined => {
  let at = of;
  for (const step of path.split('/')) at = at === undefined ? undefined : elements(at, step)[0];
  return at?.textContent?.trim();
};
export const texts = (root: Element, path: string): (string | undefined)[] =>
  elements(root).map((record) => textOf(record, path));

/** Follows next links to the end. */
export const readAll = async (first: string): Promise<Element[]> => {
  const records: Element[] = [];
  for (let url: string | null = first; url !== null; ) {
    const root = parse(await (await fetch(url)).text());
    records.push(...elements(root));
    url = root.getAttribute('rel') === 'next' ? root.getAttribute('href') : null;
  }
  return records;
};
