import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PAYLOAD_BYTES } from '../../../../infra/local/asl/payload.ts';
import { MAX_VARIABLES_BYTES, newVariables, type Variables } from '../../../../infra/local/asl/variables.ts';

/** A text of so many bytes as JSON. */
const text = (bytes: number): string => 'x'.repeat(bytes - 2);

const OVER = expect.objectContaining({ error: 'States.DataLimitExceeded' });

/** Fills variables until so many bytes of the execution are left. */
const fillUpTo = (variables: Variables, left: number): void => {
  const size = MAX_PAYLOAD_BYTES - 100;
  const count = Math.floor((MAX_VARIABLES_BYTES - left) / size);
  for (let i = 0; i < count; i += 1) variables.assign({ [`v${i}`]: text(size) });
  variables.assign({ rest: text(MAX_VARIABLES_BYTES - left - count * size) });
};

test('a variable may have 256 KiB of JSON, and one Assign no more', () => {
  const variables = newVariables();
  const most = MAX_PAYLOAD_BYTES - '{"v":}'.length;
  variables.assign({ v: text(most) });
  expect(() => variables.assign({ v: text(most + 1) })).toThrow(OVER);
  expect(() => variables.assign({ a: text(most - 9), b: 1 })).not.toThrow();
  expect(() => variables.assign({ a: text(MAX_PAYLOAD_BYTES / 2), b: text(MAX_PAYLOAD_BYTES / 2) })).toThrow(
    OVER,
  );
});

test('all variables of an execution may have 10 MiB, its scopes together', () => {
  const variables = newVariables();
  fillUpTo(variables, 10);
  const inner = variables.inner();
  expect(() => inner.assign({ more: text(11) })).toThrow(OVER);
  inner.assign({ more: text(10) });
  expect(() => variables.assign({ other: 1 })).toThrow(OVER);
  inner.end();
  variables.assign({ other: 1 });
});

test('a refused Assign sets none of its variables', () => {
  const variables = newVariables();
  fillUpTo(variables, 4);
  const before = variables.all();
  expect(() => variables.assign({ a: 1, b: 'long' })).toThrow(OVER);
  expect(variables.all()).toEqual(before);
});

test('a scope sees what is set around it and inside it, and leaves nothing behind', () => {
  const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer());
  const inners = fc.dictionary(fc.constantFrom('x', 'y'), fc.integer());
  fc.assert(
    fc.property(fc.array(values), inners, (outer, own) => {
      const variables = newVariables();
      for (const each of outer) variables.assign(each);
      const expected = Object.assign({}, ...outer);
      const inner = variables.inner();
      inner.assign(own);
      expect(inner.all()).toEqual({ ...expected, ...own });
      inner.end();
      expect(variables.all()).toEqual(expected);
    }),
  );
});
