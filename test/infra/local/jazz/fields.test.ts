import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Branch, IllegalFields, parseFields } from '../../../../infra/local/jazz/fields.ts';

const names = (branches: readonly Branch[]): unknown =>
  Object.fromEntries(branches.map((branch) => [branch.name, names(branch.below)]));

describe('the fields argument', () => {
  it.each([
    ['workitem/workItem', { workItem: {} }],
    ['workitem/workItem/*', { workItem: { '*': {} } }],
    ['workitem/workItem/(*)', { workItem: { '*': {} } }],
    [
      'workitem/workItem/(id|state/name|comments/(content|creator/name))',
      {
        workItem: { id: {}, state: { name: {} }, comments: { content: {}, creator: { name: {} } } },
      },
    ],
    [
      'workitem/workItem[id=2]/(id|allExtensions/*/*)',
      { workItem: { id: {}, allExtensions: { '*': { '*': {} } } } },
    ],
    ['contributor/contributor/name', { contributor: { name: {} } }],
    [
      'foundation/(projectArea[itemId=_x]/name|contributor/(userId|name))',
      {
        projectArea: { name: {} },
        contributor: { userId: {}, name: {} },
      },
    ],
    ['workitem/workItem/(creator|owner)/name', { workItem: { creator: { name: {} }, owner: { name: {} } } }],
  ])('reads %s', (text, expected) => {
    expect(names(parseFields(text))).toEqual(expected);
  });

  it.each([
    ['[id=123]', { kind: 'test', path: ['id'], operator: '=', value: '123' }],
    [
      "[state/name='In Progress']",
      { kind: 'test', path: ['state', 'name'], operator: '=', value: 'In Progress' },
    ],
    ['[type/id="task"]', { kind: 'test', path: ['type', 'id'], operator: '=', value: 'task' }],
    ["[tags='|x|']", { kind: 'test', path: ['tags'], operator: '=', value: '|x|' }],
    ['[tags=|x|]', { kind: 'test', path: ['tags'], operator: '=', value: '|x|' }],
    [
      '[modified>2012-12-17T09:30:16.427-0500]',
      { kind: 'test', path: ['modified'], operator: '>', value: '2012-12-17T09:30:16.427-0500' },
    ],
    [
      '[a=1 and b<2 or c>3]',
      {
        kind: 'or',
        terms: [
          {
            kind: 'and',
            terms: [
              { kind: 'test', path: ['a'], operator: '=', value: '1' },
              { kind: 'test', path: ['b'], operator: '<', value: '2' },
            ],
          },
          { kind: 'test', path: ['c'], operator: '>', value: '3' },
        ],
      },
    ],
  ])('reads the filter %s', (filter, expected) => {
    expect(parseFields(`workitem/workItem${filter}/id`)[0]?.filter).toEqual(expected);
  });

  it.each([
    '',
    'workitem',
    'workitem/',
    'workitem/workItem/(id',
    'workitem/workItem/id)',
    'workitem/workItem[id]/id',
    'workitem/workItem[id>=1]/id',
    'workitem/workItem[id=1/id',
    'workitem/workItem[tags=|x]/id',
    'workitem/workItem[tags=||]/id',
    '(a|b)/c',
  ])('refuses %j', (text) => {
    expect(() => parseFields(text)).toThrow(IllegalFields);
  });

  it('reads any text or refuses it by its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab/()|[]*=<>\'" 1'), maxLength: 30 }), (text) => {
        try {
          expect(parseFields(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(IllegalFields);
        }
      }),
    );
  });
});
