import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { hashOf } from '../../bundle-cache.ts';
import { makeFolder } from '../../make-folder.ts';
import { installCache } from '../install-cache.ts';

/** Definitions that asl-validator has found valid on this machine: to load it and compile its schemas costs 0.5 CPU-s of each cloud. */
export interface KnownDefinitions {
  has(text: string): boolean;
  keep(text: string): void;
}

/** What is known of this version of asl-validator. Where nothing can be kept, nothing is known. */
export const knownDefinitions = (cache = installCache()): KnownDefinitions => {
  if (cache === undefined) return { has: () => false, keep: () => undefined };
  const folder = join(cache, 'valid-definitions');
  const toPath = (text: string): string => join(folder, hashOf(`${versionOf()}\n${text}`));
  return {
    has: (text) => existsSync(toPath(text)),
    keep: (text) => {
      try {
        makeFolder(folder);
        writeFileSync(toPath(text), '', { mode: 0o600 });
      } catch {} // a full disk: it is checked again the next time
    },
  };
};

const versionOf = (): string => {
  const manifest = findPackageJSON('asl-validator', import.meta.url);
  if (manifest === undefined) throw new Error('asl-validator is not installed');
  return readFileSync(manifest, 'utf8');
};
