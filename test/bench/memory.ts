import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toFeed } from './feed-of.ts';
import { HEAD, TAIL, WORK_ITEMS, workItem } from './work-items.ts';

/** Peak memory of the command's own `convert`, over a document that is generated as it is read. */

const ITEMS_AT_ONCE = 50;
const ITEMS = Array.from({ length: ITEMS_AT_ONCE }, (_, n) => workItem(n)).join('');

function* document(bytes: number): Generator<string> {
  yield HEAD;
  for (let written = 0; written < bytes; written += ITEMS.length) yield ITEMS;
  yield TAIL;
}

export interface MemoryResult {
  readonly bytes: number;
  readonly seconds: number;
  /** VmHWM: the largest resident set that the process ever had. */
  readonly peakMegabytes: number;
  readonly status: number | null;
  readonly stderr: string;
}

/** Preloaded into the command's process: tells its peak on stderr as it ends. */
const TELL = `process.on('exit', () => process.stderr.write(require('node:fs').readFileSync('/proc/self/status', 'utf8').match(/VmHWM:.*/)[0] + '\\n'));`;

/** The command as the sources have it. */
const SOURCES: readonly string[] = [
  process.execPath,
  new URL('../../infra/cli/main.ts', import.meta.url).pathname,
];

/** Converts so many bytes on the command line. */
export const measureMemory = async (
  bytes: number,
  [node = '', command = '']: readonly string[] = SOURCES,
): Promise<MemoryResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-memory-'));
  try {
    await writeFile(join(folder, 'items.yaml'), toFeed('items', WORK_ITEMS));
    await writeFile(join(folder, 'tell.cjs'), TELL);
    const start = performance.now();
    const child = spawn(
      node,
      ['--require', join(folder, 'tell.cjs'), command, 'convert', join(folder, 'items.yaml'), '-'],
      { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await pipeline(Readable.from(document(bytes)), child.stdin);
    const status = await ended;
    return {
      bytes,
      seconds: (performance.now() - start) / 1000,
      peakMegabytes: Number(/VmHWM:\s*(\d+)/.exec(stderr)?.[1]) / 1024,
      status,
      stderr,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};
