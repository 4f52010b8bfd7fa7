import type { NextHint } from './known-shapes.ts';
import { type Prefixes, type Used, writeAbsolute } from './prefixes.ts';

/** `next` of the printed feed. */
export interface PrintedNext {
  /** The value of the key. */
  readonly text: string;
  /** Lines before it, without their number sign. */
  readonly comments: readonly string[];
  /** Whether it is right as it stands. */
  readonly isSure: boolean;
}

export const usedOfNext = (next: NextHint | undefined, rootPrefix = ''): readonly Used[] => {
  if (next === undefined) return [];
  const steps = next.steps.map(({ uri, local, prefix = rootPrefix }) => ({
    name: { uri, local, prefix },
    isAttribute: false,
  }));
  const attribute = next.kind === 'token' ? undefined : next.attribute;
  return attribute === undefined ? steps : [...steps, { name: attribute, isAttribute: true }];
};

export const printNext = (next: NextHint, prefixes: Prefixes): PrintedNext => {
  const element = writeAbsolute(next.steps, prefixes);
  if (next.kind === 'token') {
    const text = `{ token: ${JSON.stringify(element)}, param: ${next.param}, keep: [${next.keep.join(', ')}] }`;
    return { text, comments: [], isSure: true };
  }
  const { attribute } = next;
  const path = attribute === undefined ? element : `${element}/@${prefixes.attribute(attribute)}`;
  const quoted = JSON.stringify(path);
  if (next.kind === 'link') {
    const seen = next.says === undefined ? [] : [`${path} leads to the next page: ${next.says}.`];
    return { text: `{ url: ${quoted} }`, comments: seen, isSure: true };
  }
  return next.isToken
    ? {
        text: `{ token: ${quoted}, param: NAME }`,
        comments: [
          `${path} looks like a token of the next page: once in the document, around the records, and no URL.`,
          'The parameter that sends it back is not known, so only this page is read. Put its name for NAME:',
        ],
        isSure: false,
      }
    : {
        text: `{ url: ${quoted} }`,
        comments: [
          `${path} looks like a link to the next page, and leads to another server, so only this page is read.`,
          'Where that is right, name its host under trustedHosts, and write:',
        ],
        isSure: false,
      };
};
