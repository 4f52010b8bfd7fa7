import fc from 'fast-check';

/** Documents, and what is nearly one, and how they are cut. */

const TEXTS = ['x', ' ', '\n', '\r\n', '\r', '\t', ']', ']]', '>', '&amp;', '&#10;', '&', '&no;', 'é', '😀'];
const ODD = ['\u0001', '\ud800', '\ufffe', '\u0085', '\u2028', ']]>'];
const MARKUP = ['<a>', '</a>', '<bc>', '</bc>', '<a/>', '<a x="1\n2">', '</a >', '<é>', '</é>', '<a\n>'];
const REST = [
  '<!-- - -->',
  '<![CDATA[ ]] ]]>',
  '<?p i?>',
  '<?p?>',
  '<?p ??>',
  '<?a:b?>',
  '<?p?x?>',
  '<!--->-->',
  '<!-x>',
  '<![CDATA[]]]>',
  '<a x="&amp;\'>" y=\'&#10;"\'/>',
  '<a x = "<"/>',
  '<',
  '</',
  '<1>',
  '</>',
  '<a:b>',
  '</a:b>',
  '<a.-_1>',
];

export const PROLOGS = [
  '<?xml version="1.0"?>\n',
  '<!DOCTYPE r>',
  `<!DOCTYPE r SYSTEM "a>b" [<!ENTITY no '>"'><!-- ] > ' --><?p ] > '?>] >`,
  '<?xml version="1.0"?><!-- > --><!DOCTYPE r [<!ENTITY no "1">]>\r\n',
];

const token = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 5, arbitrary: fc.constantFrom(...MARKUP) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD, ...REST) },
);
const balanced: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      ...TEXTS.slice(0, 11),
      'é',
      '😀',
      '<a/>',
      '<a />',
      '<a:b/>',
      '<é/>',
      '<bc></bc >',
      '<b/>',
    ),
    fc
      .tuple(fc.constantFrom('a', 'b', 'bc', 'a:b', 'é', '𐀀'), fc.array(tie('node'), { maxLength: 5 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`),
  ),
})).node;
/** Few records many times over, so that what followed a tag last time is mostly what follows, and then is not; perhaps with a hole. */
const repeated = fc
  .tuple(
    fc.array(balanced, { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat({ max: 2 }), { maxLength: 40 }),
    fc.constantFrom('', '\n', '\r\n  '),
    fc.nat(),
    fc.constantFrom(0, 0, 1, 2, 5),
  )
  .map(([records, order, between, at, hole]) => {
    const whole = `<r>${order.map((n) => records[n % records.length]).join(between)}</r>`;
    const start = at % whole.length;
    return whole.slice(0, start) + whole.slice(start + hole);
  });
export const documents = fc.oneof(
  fc.array(balanced, { maxLength: 8 }).map((inner) => `<r>${inner.join('')}</r>\n`),
  repeated,
  fc.array(token, { maxLength: 20 }).map((inner) => `<r>${inner.join('')}</r>`),
  fc.array(token, { maxLength: 8 }).map((inner) => inner.join('')),
  fc
    .tuple(fc.constantFrom(...PROLOGS), fc.array(token, { maxLength: 8 }))
    .map(([prolog, inner]) => `${prolog}<r>${inner.join('')}</r>`),
);

/** Cuts a text into pieces of these sizes, over and over. */
export const cut = (text: string, sizes: readonly number[]): string[] => {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 1) {
    pieces.push(text.slice(at, at + (sizes[pieces.length % sizes.length] ?? 1)));
  }
  return pieces;
};

export const sizes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
  fc.constant([100_000]),
);
export const wanted = fc.oneof(fc.constant([true]), fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }));
