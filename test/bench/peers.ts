import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWaitedSeconds } from './local-cloud/processes.ts';

/** Other parsers over the same file, each to CSV, where the machine has them. */
export type PeerResult =
  | { readonly megabytesPerSecond: number; readonly seconds: number; readonly cpuSeconds?: number }
  | { readonly notRun: string };

interface Peer {
  readonly name: string;
  /** Makes the command, or throws where the machine lacks something. */
  readonly prepare: (folder: string) => readonly string[];
}

const source = (name: string): string => new URL(`peers/${name}`, import.meta.url).pathname;

const run = (command: readonly string[]): void => {
  const [program = '', ...args] = command;
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** Debian's packages are for the system's Python, which need not be the first one found. */
const PYTHONS = ['python3', '/usr/bin/python3'];

const hasModule = (program: string, module: string): boolean =>
  spawnSync(program, ['-c', `import ${module}`]).status === 0;

/** The Python that has a module. */
export const findPython = (module: string): string | undefined =>
  PYTHONS.find((one) => hasModule(one, module));

const python = (kind: string, module: string): Peer => ({
  name: kind,
  prepare: () => {
    const program = findPython(module) ?? 'python3';
    run([program, '-c', `import ${module}`]);
    return [program, source('peers.py'), kind];
  },
});

const PEERS: readonly Peer[] = [
  {
    name: 'C expat',
    prepare: (folder) => {
      run(['cc', '-O2', '-o', join(folder, 'expat'), source('expat.c'), '-lexpat']);
      return [join(folder, 'expat')];
    },
  },
  {
    name: 'Java StAX',
    prepare: (folder) => {
      run(['javac', '-d', folder, source('Stax.java')]);
      return ['java', '-cp', folder, 'Stax'];
    },
  },
  python('ElementTree', 'xml.etree.ElementTree'),
  python('lxml', 'lxml.etree'),
  python('pandas', 'pandas'),
];

const measurePeer = (peer: Peer, folder: string, file: string, megabytes: number): PeerResult => {
  let command: readonly string[];
  try {
    command = peer.prepare(folder);
  } catch (error) {
    return {
      notRun: (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? 'absent',
    };
  }
  const before = readWaitedSeconds();
  const start = performance.now();
  const [program = '', ...args] = command;
  const { status, stderr } = spawnSync(program, [...args, file, join(folder, 'out.csv')]);
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) return { notRun: `ended with ${status}: ${String(stderr).trim().split('\n').at(-1)}` };
  return {
    megabytesPerSecond: Math.round((megabytes / seconds) * 10) / 10,
    seconds: Math.round(seconds * 1000) / 1000,
    ...(before !== undefined && {
      cpuSeconds: Math.round(((readWaitedSeconds() ?? before) - before) * 100) / 100,
    }),
  };
};

/** Measures each peer once, from its start to its end. */
export const measurePeers = async (
  file: string,
  megabytes: number,
): Promise<Readonly<Record<string, PeerResult>>> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'));
  try {
    return Object.fromEntries(PEERS.map((peer) => [peer.name, measurePeer(peer, folder, file, megabytes)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
};
