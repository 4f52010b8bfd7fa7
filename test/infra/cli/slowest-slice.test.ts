import { describe, expect, it } from 'vitest';
import { toSlowestSlice } from '../../../infra/cli/slowest-slice.ts';

const at = (id: string, name: string, start: number, end: number, parent?: string) => ({
  id,
  name,
  start_time: start,
  end_time: end,
  ...(parent !== undefined && { parent_id: parent }),
});

describe('the slowest slice', () => {
  it('is told with its parts added up by name, nested or sent apart', () => {
    const slowest = toSlowestSlice([
      { ...at('a', 'slice', 0, 1), annotations: { feed: 'f', slice: 0 } },
      {
        ...at('b', 'slice', 0, 4),
        annotations: { feed: 'f', slice: 1 },
        subsegments: [at('c', 'parse', 0, 1), at('d', 'parse', 1, 2.5)],
      },
      { ...at('e', 'upload', 2, 4, 'b'), annotations: { feed: 'f', slice: 1 } },
      at('f', 'upload', 0, 1, 'a'),
    ]);
    expect(slowest).toEqual({
      feed: 'f',
      slice: '1',
      seconds: 4,
      parts: [
        { name: 'parse', seconds: 2.5 },
        { name: 'upload', seconds: 2 },
      ],
    });
  });

  it('is nothing where no slice was traced', () => {
    expect(toSlowestSlice([at('a', 'x', 0, 1)])).toBeUndefined();
  });
});
