import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkVariables,
  expandTemplate,
  parseTemplate,
  percentEncode,
  variablesOf,
} from '../../../shared/source/template.ts';

const values: Readonly<Record<string, string>> = { x: `a+b c&<'">`, break: 'a\r\nb' };
const expand = (text: string, mode: 'plain' | 'url' | 'param' | 'header' | 'body') =>
  expandTemplate(parseTemplate(text), (name) => values[name], mode);

test('names the variables of a template in order', () => {
  expect(variablesOf(parseTemplate('a${x}$b{${window.from}}'))).toEqual(['x', 'window.from']);
});

test('escapes a value for where it goes', () => {
  expect(expand('<${x}>', 'plain')).toBe(`<a+b c&<'">>`);
  expect(expand('/a b?q=${x}', 'url')).toBe('/a b?q=a%2Bb%20c%26%3C%27%22%3E');
  expect(expand('q ${x}', 'param')).toBe('q%20a%2Bb%20c%26%3C%27%22%3E');
  expect(expand('<a>${x}</a>', 'body')).toBe('<a>a+b c&amp;&lt;&apos;&quot;&gt;</a>');
});

test('refuses a line break that a value brings into a header', () => {
  expect(() => expand('${break}', 'header')).toThrow('allowed none in a header');
});

test('refuses an unknown variable and lists the known ones', () => {
  expect(() => checkVariables(parseTemplate('${window.form}'), ['window.from', 'fields'])).toThrow(
    'got ${window.form}, allowed ${window.from} ${fields}',
  );
});

test('refuses a variable that is not closed', () => {
  expect(() => parseTemplate('a${b')).toThrow("got '${b'");
});

test('refuses to expand a variable without a value', () => {
  expect(() => expand('${y}', 'plain')).toThrow("${y} of '${y}' has no value");
});

test('drops parentheses that stand around ${fields}, which brings its own', () => {
  const template = parseTemplate('workItem/(${fields})');
  expect(expandTemplate(template, () => '(a|b)', 'plain')).toBe('workItem/(a|b)');
  expect(template.text).toBe('workItem/(${fields})');
});

test('percent-encodes so that decoding gives the text back, with nothing that ends a parameter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = percentEncode(text);
      expect(decodeURIComponent(encoded)).toBe(text);
      expect(encoded).toMatch(/^[A-Za-z0-9_.~!*()%-]*$/);
    }),
  );
});
