import { InvalidInput } from '../errors.ts';

/** Texts with `${variables}`: read when a feed is checked, expanded when a request is made. */

export type TemplatePart = { readonly literal: string } | { readonly variable: string };

export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}

/** Reads a template. Throws InvalidInput for a `${` without its `}`. */
export const parseTemplate = (text: string): Template => {
  // ${fields} brings its own parentheses, and people write them around it all the same; sources refuse doubled ones.
  const source = text.replaceAll('(${fields})', '${fields}');
  const parts: TemplatePart[] = [];
  let offset = 0;
  while (offset < source.length) {
    const open = source.indexOf('${', offset);
    const literal = source.slice(offset, open < 0 ? source.length : open);
    if (literal !== '') parts.push({ literal });
    if (open < 0) break;
    const close = source.indexOf('}', open);
    if (close < 0)
      throw new InvalidInput(
        `got '${source.slice(open, open + 20)}', allowed \${variable} with its closing brace`,
      );
    parts.push({ variable: source.slice(open + 2, close) });
    offset = close + 1;
  }
  return { text, parts };
};

/** The variables that a template names, in order. */
export const variablesOf = (template: Template): readonly string[] =>
  template.parts.flatMap((part) => ('variable' in part ? [part.variable] : []));

/** Throws InvalidInput when the template names a variable that is not among the known ones. */
export const checkVariables = (template: Template, known: readonly string[]): void => {
  const unknown = variablesOf(template).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const list = known.map((name) => `\${${name}}`).join(' ');
  throw new InvalidInput(`got \${${unknown}}, allowed ${list === '' ? 'no variable here' : list}`);
};

/** Percent-encodes all but unreserved characters and `!*()`; a space is %20 and a plus %2B, since Java-made sources read both wrong otherwise. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll("'", '%27');

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const refuseLineBreaks = (text: string): string => {
  if (/[\r\n\0]/.test(text))
    throw new InvalidInput(
      `got a line break in ${JSON.stringify(text.slice(0, 60))}, allowed none in a header`,
    );
  return text;
};

/**
 * Where a text goes: `plain` as it is; `url` with variables percent-encoded; `param` percent-encoded as a whole; `header` without
 * line breaks (throws InvalidInput); `body` with variables XML-escaped.
 */
export type TemplateMode = 'plain' | 'url' | 'param' | 'header' | 'body';

const ESCAPES: Readonly<
  Record<
    TemplateMode,
    { readonly variable: (text: string) => string; readonly whole: (text: string) => string }
  >
> = {
  plain: { variable: (text) => text, whole: (text) => text },
  url: { variable: percentEncode, whole: (text) => text },
  param: { variable: (text) => text, whole: percentEncode },
  header: { variable: (text) => text, whole: refuseLineBreaks },
  body: {
    variable: (text) => text.replace(/[&<>"']/g, (char) => XML_ENTITIES[char] ?? char),
    whole: (text) => text,
  },
};

/** The value of a variable; undefined when there is no such variable. */
export type Variables = (name: string) => string | undefined;

/** The text with its variables' values, escaped for where it goes. Throws InvalidInput for a variable without a value. */
export const expandTemplate = (template: Template, variables: Variables, mode: TemplateMode): string => {
  const escapes = ESCAPES[mode];
  const texts = template.parts.map((part) => {
    if ('literal' in part) return part.literal;
    const value = variables(part.variable);
    if (value === undefined)
      throw new InvalidInput(`\${${part.variable}} of '${template.text}' has no value here`);
    return escapes.variable(value);
  });
  return escapes.whole(texts.join(''));
};
