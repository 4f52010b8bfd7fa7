/** How long steps may take; all of it lies within the 300 s of an execution. */
export interface StepTimes {
  /** Steps end by then after the execution's start. */
  readonly stepsMs: number;
  /** A step that had so long and did not end had its time; a shorter one merely started late. */
  readonly fairMs: number;
  /** How long after the steps' end a page may still be read. */
  readonly graceMs: number;
}

/** Of the machine's 300 s, 50 s are left after the grace to upload and to seal. */
export const STEP_TIMES: StepTimes = { stepsMs: 230_000, fairMs: 60_000, graceMs: 20_000 };

/** The same for steps that end sooner, all in proportion. */
export const toStepTimes = (seconds: number | undefined): StepTimes => {
  const share = seconds === undefined ? 1 : (seconds * 1000) / STEP_TIMES.stepsMs;
  const { stepsMs, fairMs, graceMs } = STEP_TIMES;
  return { stepsMs: stepsMs * share, fairMs: fairMs * share, graceMs: graceMs * share };
};
