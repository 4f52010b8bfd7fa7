import { afterEach, describe, expect, it } from 'vitest';
import { type Jazz, startJazz } from '../../../../infra/local/jazz/server.ts';
import { ask, elements, readAll, textOf, texts, urlOf } from './ask.ts';

let jazz: Jazz | undefined;
afterEach(async () => {
  await jazz?.close();
  jazz = undefined;
});

const start = async (items = 50): Promise<Jazz> => {
  jazz = await startJazz({ seed: 7, items });
  return jazz;
};

describe('the sample Jazz server', () => {
  it.each([
    ['[id=1003]', 1],
    ['[id>1048]', 2],
    ['[id<1003 or id=1010]', 3],
    ['[id>1010 and id<1013]', 2],
    ['[id="1003"]', 1],
    ["[state/name='Nowhere']", 0],
  ])('filters by %s', async (filter, count) => {
    expect(elements(await ask(await start(), `workitem/workItem${filter}/id`))).toHaveLength(count);
  });

  it('filters by modified, strictly', async () => {
    const at = await start();
    const modified = String(at.workItem(10).modified);
    const ids = async (filter: string): Promise<unknown> =>
      texts(await ask(at, `workitem/workItem[${filter}]/id`), 'id');
    const none = [`modified>${modified}`, `modified<${modified}`];
    for (const filter of none) expect(await ids(filter)).not.toContain('1011');
    expect(await ids(`modified=${modified}`)).toContain('1011');
    expect(
      [
        ...((await ids(none[0] ?? '')) as string[]),
        ...((await ids(none[1] ?? '')) as string[]),
        '1011',
      ].sort(),
    ).toEqual([...at.workItems()].map((item) => item.id));
  });

  it.each(['|pump|', "'|pump|'", '"|pump|"'])('finds the items of a tag by [tags=%s]', async (tag) => {
    const at = await start();
    const held = [...at.workItems()].filter(({ tags }) => String(tags).split('|').includes('pump'));
    expect(held.length).toBeGreaterThan(0);
    expect(texts(await ask(at, `workitem/workItem[tags=${tag}]/id`), 'id')).toEqual(held.map(({ id }) => id));
  });

  it('finds none by a part of a tag, or by a tag without its bars', async () => {
    const at = await start();
    for (const tag of ['|pum|', '|release-|', 'pump', "'pump'"])
      expect(elements(await ask(at, `workitem/workItem[tags=${tag}]/id`))).toEqual([]);
  });

  it('leaves out what modifiedsince leaves out, on every page and beside a filter', async () => {
    const at = await start();
    const since = String(at.workItem(10).modified);
    const newer = [...at.workItems()].filter(
      ({ modified }) => Date.parse(String(modified)) > Date.parse(since),
    );
    expect(newer.length).toBeGreaterThan(7);
    const url = (fields: string): string => urlOf(at, { fields, modifiedsince: since, size: 7 });
    const ids = async (fields: string): Promise<unknown> =>
      (await readAll(url(fields))).map((record) => textOf(record, 'id'));
    expect(await ids('workitem/workItem/id')).toEqual(newer.map(({ id }) => id));
    expect(await ids('workitem/workItem[id>1020]/id')).toEqual(
      newer.map(({ id }) => id).filter((id) => Number(id) > 1020),
    );
  });

  it('shows all to who wants no archived project areas, since the sample has none', async () => {
    const at = await start();
    expect(elements(await ask(at, 'workitem/workItem/id', { projectAreaArchived: 'false' }))).toHaveLength(
      50,
    );
  });

  it('filters the items of a repeat', async () => {
    const at = await start(3);
    const root = await ask(at, "workitem/workItem/(allExtensions[key='com.example.effort']/integerValue)");
    expect(elements(root).map((record) => elements(record, 'allExtensions').length)).toEqual([1, 1, 1]);
  });

  it('refuses modifiedsince of what has no time of modification', async () => {
    const params = { fields: 'foundation/projectArea/name', modifiedsince: '2026-01-01T00:00:00Z' };
    const response = await fetch(urlOf(await start(), params, 'foundation'));
    expect(await response.text()).toContain('foundation/projectArea/modified is not a valid field name.');
  });
});
