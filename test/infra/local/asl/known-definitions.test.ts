import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownDefinitions } from '../../../../infra/local/asl/known-definitions.ts';
import { loadDefinition } from '../../../../infra/local/asl/load-machine.ts';
import { lambda, machineText } from './run.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-'));
});
afterEach(() => rm(folder, { recursive: true }));

const VALID = machineText({ T: lambda('f') });
/** What asl-validator alone finds. */
const INVALID = machineText({ T: { Type: 'Task', Resource: 'f', End: true } });

it('a definition that was found valid is known, and no other', async () => {
  const known = knownDefinitions(folder);
  await loadDefinition('m', VALID, known);
  expect(knownDefinitions(folder).has(VALID)).toBe(true);
  expect(known.has(`${VALID} `)).toBe(false);
});

it('a definition that is refused is refused again', async () => {
  const known = knownDefinitions(folder);
  for (const _ of [1, 2])
    await expect(loadDefinition('m', INVALID, known)).rejects.toThrow(/^state machine m/);
  expect(known.has(INVALID)).toBe(false);
});

it('where nothing can be kept, each is checked', async () => {
  await writeFile(join(folder, 'valid-definitions'), 'no folder');
  const known = knownDefinitions(folder);
  await loadDefinition('m', VALID, known);
  expect(known.has(VALID)).toBe(false);
});
