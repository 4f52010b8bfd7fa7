import type { CloudProgress } from '../local/local-cloud.ts';
import { type Terminal, toPlural } from './terminal.ts';

/** Shows, on a terminal, which state the cloud is in and how many executions are under way. */
export const watchProgress = (terminal: Terminal): ((progress: CloudProgress) => void) => {
  const running = new Set<string>();
  return (progress) => {
    if (progress.type === 'execution-started') running.add(progress.execution.id);
    else if (progress.type === 'execution-ended') running.delete(progress.execution.id);
    else if (progress.type === 'state-entered') {
      terminal.progress(`  … ${progress.path}  (${toPlural(running.size, 'execution')} under way)`);
    }
  };
};
