import { expect, it } from 'vitest';
import { parseCommandLine } from '../../../infra/cli/arguments.ts';
import { NEEDS } from '../../../shared/attention/registry.ts';
import { commandsFor } from '../../../shared/attention/remedies/registry.ts';

it.each(NEEDS.map((need) => [need.word, need] as const))(
  'the command that a message of %s names is one, here and with --env',
  (_, need) => {
    for (const batch of [undefined, 'w-20261123T120000000Z']) {
      const subject = { feed: 'items', batch };
      for (const command of commandsFor(subject, need.ways(subject))) {
        const [npx, millrace, ...words] = command.split(' ');
        expect([npx, millrace]).toEqual(['npx', 'millrace']);
        expect(parseCommandLine(words).kind).toBe('verb');
        expect(parseCommandLine([...words, '--env', 'default']).kind).toBe('verb');
      }
    }
  },
);
