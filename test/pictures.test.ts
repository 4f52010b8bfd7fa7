import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { synthesized } from './infra/synthesized.ts';

/** The pictures of docs/architecture.md are held to what they draw. */

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '..', path), 'utf8');

const pictureOf = (heading: string): string => {
  const page = read('docs/architecture.md');
  const found = new RegExp(`## ${heading}\\n[\\s\\S]*?\`\`\`mermaid\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  return found ?? expect.unreachable(`no picture under ${heading}`);
};

/** The folders of every key, and that of files of others. */
const FOLDERS = new Set([
  'landing',
  ...[...read('shared/state/keys.ts').matchAll(/\^([a-z]+)\/|[`']([a-z]+)\/(?:\$|[a-z]+\.json)/g)].map(
    ([, read, built]) => read ?? built ?? '',
  ),
]);

const { pipeline } = synthesized();

interface Policy {
  readonly Properties: {
    readonly Roles: readonly { readonly Ref: string }[];
    readonly PolicyDocument: {
      readonly Statement: readonly { readonly Action: string | string[]; readonly Resource: unknown }[];
    };
  };
}

/** The folders that each role may put objects into, by its logical id. */
const mayPut = new Map<string, Set<string>>();
for (const { Properties } of Object.values(pipeline.findResources('AWS::IAM::Policy')) as unknown as Policy[])
  for (const { Action, Resource } of Properties.PolicyDocument.Statement)
    if ([Action].flat().includes('s3:PutObject'))
      for (const { Ref } of Properties.Roles)
        for (const [, folder = ''] of JSON.stringify(Resource).matchAll(/"\/([a-z]+)\/[^"]*\*"/g))
          mayPut.set(Ref, (mayPut.get(Ref) ?? new Set()).add(folder));

/** The role of each state's function. */
const roleOf = new Map(
  Object.entries(pipeline.findResources('AWS::Lambda::Function')).flatMap(([id, { Properties }]) => {
    const state = /^Functions(\w+)Function[0-9A-F]{8}$/.exec(id)?.[1];
    return state === undefined ? [] : [[state, String(Properties.Role['Fn::GetAtt'][0])] as const];
  }),
);

describe("the picture of a batch's life", () => {
  const arrows = [...pictureOf("A batch's life").matchAll(/^ {2}(\S+) --> (\S+): (\w+) (.*)$/gm)].map(
    ([, from = '', to = '', who = '', what = '']) => ({ from, to, who, what }),
  );

  it('has arrows of states that functions serve, and of commands, by folders that there are', () => {
    expect(arrows.length).toBeGreaterThan(10);
    for (const { who, what } of arrows) {
      if (who !== 'redrive') expect([...roleOf.keys()]).toContain(who);
      for (const [, folder] of what.matchAll(/([a-z]+)\//g)) expect([...FOLDERS], what).toContain(folder);
    }
  });

  it('lets functions put what they may', () => {
    for (const { who, what } of arrows.filter(
      ({ who, what }) => who !== 'redrive' && what.startsWith('puts'),
    ))
      for (const [, folder] of what.matchAll(/([a-z]+)\//g))
        expect([...(mayPut.get(roleOf.get(who) ?? '') ?? [])], `${who} ${what}`).toContain(folder);
  });

  it('leads to every state from the first one, and from every state onward', () => {
    const ends = new Set(arrows.flatMap(({ from, to }) => [from, to]));
    for (const state of ends) {
      expect(arrows.map(({ to }) => to)).toContain(state);
      expect(arrows.map(({ from }) => from)).toContain(state);
    }
  });
});

describe('the picture of the keys', () => {
  const puts = [...pictureOf('The keys of the bucket').matchAll(/^ +(\w+)(?:\(\[.*?\]\))? --> (.*)$/gm)].map(
    ([, who = '', to = '']) => [who, to.split(' & ').map((one) => /^[a-z]+/.exec(one)?.[0] ?? '')] as const,
  );

  it('has every folder of the bucket, and no other', () => {
    expect([...new Set(puts.flatMap(([, folders]) => folders))].sort()).toEqual([...FOLDERS].sort());
  });

  it('draws what each role may put, and nothing else', () => {
    const drawn = new Map<string, Set<string>>();
    for (const [who, folders] of puts) {
      const role = roleOf.get(who);
      if (role === undefined) expect(['Others', 'Operator']).toContain(who);
      else for (const folder of folders) drawn.set(role, (drawn.get(role) ?? new Set()).add(folder));
    }
    const inOrder = (of: ReadonlyMap<string, ReadonlySet<string>>) =>
      [...of].map(([role, folders]) => [role, [...folders].sort()]).sort();
    expect(inOrder(drawn)).toEqual(inOrder(mayPut));
  });
});
