import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which top-level folders each may import from; infra/local stands apart from the app that it runs. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared'],
  handlers: ['handlers', 'shared'],
  infra: ['infra', 'shared'],
  test: ['test', 'infra', 'handlers', 'shared'],
};

/** The command fetches a sample by what the functions fetch with, and operates by use cases of its own on the same ports. */
const OF_COMMAND = /^handlers.(?:adapters|operate|ports)./;
const isOfCommand = (file: string, target: string): boolean =>
  /^infra.cli./.test(file) && OF_COMMAND.test(target);

/** What the functional core has no part in. */
const IMPURE =
  /@aws-sdk|aws-cdk-lib|@middy|powertools|process\.env|node:fs|Date\.now|new Date\(\)|Math\.random|randomUUID/;

const sources = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|js|mjs)$/.test(file))
    .map((file) => join(root, file));

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');

const folderOf = (path: string): string => {
  const [top = '', second = '', third = ''] = path.split(sep);
  return top === 'infra' && second === 'local' && third !== '' ? 'infra/local' : top;
};

/** What is wrong with one file, as sentences; empty for a file that keeps the rules. */
const faultsOf = (file: string, text: string): string[] => {
  const folder = folderOf(file);
  const top = file.split(sep)[0] ?? '';
  const targets = importsOf(text).map((target) => normalize(join(dirname(file), target)));
  const faults = targets
    .filter(
      (target) => !(ALLOWED[top] ?? []).includes(target.split(sep)[0] ?? '') && !isOfCommand(file, target),
    )
    .map((target) => `${file} imports ${target}`);
  if (folder === 'infra/local') {
    const app = targets.filter((target) => /^infra.(constructs|stacks|app|build-app)/.test(target));
    faults.push(
      ...app.map((target) => `${file} imports ${target}: the local cloud reads what was synthesized`),
    );
  }
  if (top === 'shared' && IMPURE.test(text)) faults.push(`${file} reaches out of the functional core`);
  if (top === 'handlers' && text.includes('aws-cdk-lib')) faults.push(`${file} imports the CDK`);
  return faults;
};

/** The first circle of imports, those of types too, from a file back to it; undefined where there is none. */
const findCircle = (graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  const follow = (file: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const circle = follow(target, [...above, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = follow(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
};

describe('imports', () => {
  it('go in no circle, those of types neither', () => {
    const graph = new Map(
      Object.keys(ALLOWED)
        .flatMap(sources)
        .map((file) => {
          const targets = importsOf(readFileSync(file, 'utf8'));
          return [file, targets.map((target) => normalize(join(dirname(file), target)))];
        }),
    );
    expect(findCircle(graph)?.join(' -> ')).toBeUndefined();
  });

  it('in a circle are told with its path', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', []],
      ['c', ['b', 'd']],
      ['d', ['c']],
    ]);
    expect(findCircle(graph)).toEqual(['c', 'd', 'c']);
    expect(findCircle(new Map([['e', ['e']]]))).toEqual(['e', 'e']);
    expect(
      findCircle(
        new Map([
          ['f', ['g']],
          ['g', []],
        ]),
      ),
    ).toBeUndefined();
  });

  it('make servers of the local cloud in one place, which refuses other hosts', () => {
    const makers = sources('infra').filter((file) => /\bcreateServer\b/.test(readFileSync(file, 'utf8')));
    expect(makers).toEqual(['infra/local/loopback.ts']);
  });

  it('go one way: test to infra and handlers to shared', () => {
    const files = Object.keys(ALLOWED).flatMap(sources);
    expect(files.flatMap((file) => faultsOf(file, readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    ['shared/a.ts', "import { x } from '../handlers/b.ts';"],
    ['shared/a.ts', 'const now = Date.now();'],
    ['handlers/a.ts', "import { x } from '../infra/app.ts';"],
    ['infra/a.ts', "import { x } from '../handlers/plan.handler.ts';"],
    ['infra/a.ts', "import { x } from '../handlers/adapters/http-source.ts';"],
    ['infra/cli/a.ts', "import { x } from '../../handlers/extract/read-pages.ts';"],
    ['infra/a.ts', "const x = await import('../test/fakes/x.ts');"],
    ['infra/local/cloud.ts', "import { x } from '../constructs/warehouse.ts';"],
    ['handlers/a.ts', "import { App } from 'aws-cdk-lib';"],
  ])('fail this test when %s says: %s', (file, text) => {
    expect(faultsOf(file, text)).not.toEqual([]);
  });
});

describe('dispositions', () => {
  it('are asked what they do, and nowhere which one they are', () => {
    const asks = /disposition\??\.?\s*(===|!==|==|!=)\s*'|case '(append|replace|merge|history)'/;
    const asking = ['shared', 'handlers', 'infra']
      .flatMap(sources)
      .filter((file) => asks.test(readFileSync(file, 'utf8')));
    expect(asking).toEqual([]);
  });
});

describe('files', () => {
  it('stay under 300 lines, handlers under 40', () => {
    const long = ['shared', 'handlers', 'infra'].flatMap(sources).filter((file) => {
      const lines = readFileSync(file, 'utf8').split('\n').length;
      return lines > (file.endsWith('.handler.ts') ? 41 : 301);
    });
    expect(long).toEqual([]);
  });
});
