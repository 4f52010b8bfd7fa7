import { readFile } from 'node:fs/promises';

const INTERVAL_MS = 100;

export interface MemoryWatch {
  peakMb(): number;
  stop(): void;
}

/**
 * Calls `onExceeded` once when a process is resident with more than its limit. The heap's own limit does not see
 * buffers. Linux only; elsewhere there is no /proc, and the heap's limit has to do.
 */
export const watchMemory = (
  pid: number | undefined,
  limitMb: number,
  onExceeded: () => void,
): MemoryWatch => {
  let peakMb = 0;
  const timer = setInterval(async () => {
    const residentMb = await readResidentMb(pid);
    peakMb = Math.max(peakMb, residentMb);
    if (residentMb <= limitMb) return;
    clearInterval(timer);
    onExceeded();
  }, INTERVAL_MS);
  timer.unref();
  return { peakMb: () => Math.round(peakMb), stop: () => clearInterval(timer) };
};

/** 0 where it cannot be read: the process has ended, or the system is not Linux. */
const readResidentMb = async (pid: number | undefined): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
};
