import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { NEEDS } from '../../../shared/attention/registry.ts';

it.each(NEEDS.map((need) => [need.word, need] as const))(
  'the command that a message of %s names is one, here and with --env',
  (_, need) => {
    for (const batch of [undefined, 'w-20261123T120000000Z']) {
      const [npx, millrace, ...words] = need.command({ feed: 'items', batch }).split(' ');
      expect([npx, millrace]).toEqual(['npx', 'millrace']);
      expect(parseCommandLine(words).kind).toBe('verb');
      expect(parseCommandLine([...words, '--env', 'default']).kind).toBe('verb');
    }
  },
);
