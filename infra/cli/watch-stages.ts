import type { CommandIo } from './command-io.ts';
import { openTerminal, type Terminal, toDuration } from './terminal.ts';

/** The stretches of a run, one after the other. */
export type Stage = 'synthesize' | 'start' | 'work';

const NAMES: Readonly<Record<Stage, string>> = {
  synthesize: 'synthesizing the CDK app',
  start: 'starting what was synthesized',
  work: 'extracting and loading',
};

export interface Stages {
  /** Where progress goes. */
  readonly terminal: Terminal;
  /** A stage begins, and the one before is over. */
  begin(stage: Stage): void;
  /** The last stage is over. */
  end(): void;
}

/**
 * Shows what a run is at: by a line with its time that the next replaces, where what it prints on is a terminal, or else stderr is; where neither is
 * (into a file, in CI) by a line for each beginning and end on stderr. With `isQuiet` (`--json`) those lines are left out.
 */
export const watchStages = (io: CommandIo, printed: Terminal, isQuiet: boolean): Stages => {
  const terminal = printed.isMoving ? printed : openTerminal(io, io.stderr);
  const isTold = !terminal.isMoving && !isQuiet;
  let current: { readonly name: string; readonly at: number } | undefined;
  const end = (): void => {
    terminal.clear();
    if (isTold && current !== undefined) {
      terminal.line(`${current.name}: done in ${toDuration(io.now() - current.at)}`);
    }
    current = undefined;
  };
  return {
    terminal,
    begin: (stage) => {
      end();
      current = { name: NAMES[stage], at: io.now() };
      if (isTold) terminal.line(current.name);
      else terminal.begin(`  … ${current.name}`);
    },
    end,
  };
};
