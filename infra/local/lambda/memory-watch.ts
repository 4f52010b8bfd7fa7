import { readFileSync } from 'node:fs';

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
  const timer = setInterval(() => {
    const residentMb = readResidentMb(pid);
    peakMb = Math.max(peakMb, residentMb);
    if (residentMb <= limitMb) return;
    clearInterval(timer);
    onExceeded();
  }, INTERVAL_MS);
  timer.unref();
  return { peakMb: () => Math.round(peakMb), stop: () => clearInterval(timer) };
};

/**
 * 0 where it cannot be read: the process has ended, or the system is not Linux. Read at once: the kernel makes the text
 * without a disk, and a round through the thread pool, for each process ten times a second, would take ten times as long.
 */
const readResidentMb = (pid: number | undefined): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};
