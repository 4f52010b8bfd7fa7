import { Duration } from 'aws-cdk-lib';
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  Succeed,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { SubmissionUnknown } from '../../shared/errors.ts';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { ExpressMachine, invoke, type PutEvents } from './express-machine.ts';
import { QUICK, SUBMISSION } from './retry-policies.ts';
import type { StateFunction } from './state-function.ts';

export interface LoadMachineProps {
  readonly planLoad: StateFunction;
  readonly prepareWarehouse: StateFunction;
  readonly submitLoad: StateFunction;
  readonly parkLoad: StateFunction;
}

/** PlanLoad → SubmitLoad, and PrepareWarehouse before it where that asks for it; the warehouse's completion event goes on in SettleLoad. */
export class LoadMachine extends ExpressMachine {
  constructor(scope: Construct, id: string, names: DeploymentNames, on: LoadMachineProps) {
    super(scope, id, {
      comment: 'Plans one load of a feed, prepares the warehouse and submits it',
      names,
      functions: Object.values(on),
      define: (self, putEvents) => defineLoad(self, on, putEvents),
    });
  }
}

const defineLoad = (scope: Construct, on: LoadMachineProps, putEvents: PutEvents): IChainable => {
  const done = new Succeed(scope, 'LoadDone');
  const gaveUp = giveUp(scope, 'Load', on.parkLoad, putEvents);
  const gather = new Wait(scope, 'GatherBurst', {
    time: WaitTime.seconds('{% $states.input.waitSeconds %}'),
  })
    .next(putEvents('LoadGathered', { [EVENT.loadNext]: '{% { "feed": $states.input.feed } %}' }))
    .next(done);
  return invoke(scope, on.planLoad, {
    payload: {
      trigger: '{% $states.input %}',
      execution: {
        id: '{% $states.context.Execution.Id %}',
        startTime: '{% $states.context.Execution.StartTime %}',
      },
    },
    retry: [QUICK],
    assign: { thread: '{% $exists($states.result.Payload.thread) ? $states.result.Payload.thread : null %}' },
  }).next(
    new Choice(scope, 'HasLoad')
      .when(
        Condition.jsonata("{% $states.input.outcome = 'planned' %}"),
        submission(scope, on, gaveUp, done).submit,
      )
      .when(Condition.jsonata('{% $exists($states.input.waitSeconds) %}'), gather)
      .otherwise(done),
  );
};

/**
 * SubmitLoad and PrepareWarehouse, by the thread. A warehouse is prepared once for a contract: SubmitLoad asks, with what else it needs to know, and PrepareWarehouse runs where it has
 * something to do. What that answers leads to a submission, so that there is no second round.
 */
const submission = (
  scope: Construct,
  on: Pick<LoadMachineProps, 'prepareWarehouse' | 'submitLoad'>,
  gaveUp: IChainable,
  done: IChainable,
): { readonly prepare: IChainable; readonly submit: IChainable } => {
  const prepare = invoke(scope, on.prepareWarehouse, {
    payload: THREAD,
    retry: [QUICK],
    timeout: PREPARE_TIMEOUT,
  });
  // Without `prepared` where PrepareWarehouse has not run: an object leaves out what nothing is.
  const submit = invoke(scope, on.submitLoad, {
    payload: '{% { "thread": $thread, "prepared": $exists($states.input.statements) ? $states.input } %}',
    retry: [QUICK],
  });
  for (const state of [prepare, submit])
    state.addCatch(gaveUp, { errors: ['States.ALL'], outputs: SUBMIT_FAILED });
  submit.next(
    new Choice(scope, 'IsSubmitted')
      .when(Condition.jsonata('{% $exists($states.input.isUnprepared) %}'), prepare)
      .otherwise(done),
  );
  return { prepare: prepare.next(submit), submit };
};

export interface SettleLoadMachineProps {
  readonly describeLoad: StateFunction;
  readonly markLoaded: StateFunction;
  readonly prepareWarehouse: StateFunction;
  readonly submitLoad: StateFunction;
  readonly parkLoad: StateFunction;
}

/** DescribeLoad → MarkLoaded and the next load, or the same load again, or ParkLoad. */
export class SettleLoadMachine extends ExpressMachine {
  constructor(scope: Construct, id: string, names: DeploymentNames, on: SettleLoadMachineProps) {
    super(scope, id, {
      comment: 'Settles one load that the warehouse has ended',
      names,
      functions: Object.values(on),
      define: (self, putEvents) => defineSettle(self, on, putEvents),
    });
  }
}

const defineSettle = (scope: Construct, on: SettleLoadMachineProps, putEvents: PutEvents): IChainable => {
  const done = new Succeed(scope, 'SettleDone');
  const gaveUp = giveUp(scope, 'Settle', on.parkLoad, putEvents);

  const marked = invoke(scope, on.markLoaded, { payload: THREAD_OF_INPUT, retry: [QUICK] })
    .next(
      putEvents('LoadNext', {
        [EVENT.loadNext]: '{% { "feed": $thread.feed } %}',
        [EVENT.loadSucceeded]: '{% $states.input.succeeded %}',
      }),
    )
    .next(done);
  // What failed is prepared by what the warehouse has, and not by what is recorded of it.
  const again = new Wait(scope, 'WaitToRetry', {
    time: WaitTime.seconds('{% $states.input.waitSeconds %}'),
  }).next(submission(scope, on, gaveUp, done).prepare);

  const describe = invoke(scope, on.describeLoad, {
    payload: { trigger: '{% $states.input %}' },
    retry: [SUBMISSION, QUICK],
    assign: { thread: '{% $exists($states.result.Payload.thread) ? $states.result.Payload.thread : null %}' },
  });
  // Of another deployment, which no alarm of this one has to tell; ours is found by the sweep, from the record.
  describe.addCatch(new Succeed(scope, 'NotSubmittedHere'), { errors: [SubmissionUnknown.name] });
  return describe.next(
    new Choice(scope, 'WhatBecameOfIt')
      .when(Condition.jsonata("{% $states.input.outcome = 'finished' %}"), marked)
      .when(Condition.jsonata("{% $states.input.outcome = 'retry' %}"), again)
      .when(Condition.jsonata("{% $states.input.outcome = 'failed' %}"), gaveUp)
      .otherwise(done),
  );
};

/**
 * ParkLoad, then the feed's next load; the execution fails unless the next loads still look for the batch at fault. A load
 * that waits for what passes starts none: there would be no end of executions until it has passed. The sweep goes on with it.
 */
const giveUp = (
  scope: Construct,
  name: string,
  parkLoad: StateFunction,
  putEvents: PutEvents,
): IChainable => {
  const goingOn = new Succeed(scope, `${name}GoesOn`);
  const failed = Fail.jsonata(scope, `${name}Failed`, {
    error: '{% $failure.error %}',
    cause: '{% $failure.cause %}',
  });
  const next = { [EVENT.loadNext]: '{% { "feed": $failure.feed } %}' };
  return invoke(scope, parkLoad, {
    payload: PARK_INPUT,
    retry: [QUICK],
    assign: { failure: '{% $states.result.Payload %}' },
  }).next(
    new Choice(scope, `WhatBecameOf${name}`)
      .when(Condition.jsonata("{% $states.input.outcome = 'waiting' %}"), failed)
      .when(
        Condition.jsonata("{% $states.input.outcome = 'parked' %}"),
        putEvents(`${name}Others`, {
          ...next,
          [EVENT.loadFailed]: '{% $failure.told.loadFailed %}',
          [EVENT.batchParked]: '{% $failure.told.batchParked %}',
        }).next(failed),
      )
      .otherwise(putEvents(`${name}OneByOne`, next).next(goingOn)),
  );
};

/** PrepareWarehouse may wait for a paused warehouse and for DDL; its function has 4 minutes. */
const PREPARE_TIMEOUT = Duration.seconds(245);

const THREAD = { thread: '{% $thread %}' };
const THREAD_OF_INPUT = { thread: '{% $states.input.thread %}' };
const PARK_INPUT = {
  thread: '{% $states.input.thread %}',
  culprits: '{% $states.input.culprits %}',
  isDataError: '{% $states.input.isDataError %}',
  error: '{% $states.input.error %}',
};
const SUBMIT_FAILED = {
  thread: '{% $thread %}',
  culprits: [],
  isDataError: false,
  error: '{% $states.errorOutput %}',
};

export interface SweepMachineProps {
  readonly sweep: StateFunction;
}

/** Sweep, on a schedule: starts again what no event settled. */
export class SweepMachine extends ExpressMachine {
  constructor(scope: Construct, id: string, names: DeploymentNames, { sweep }: SweepMachineProps) {
    super(scope, id, {
      comment: 'Finds what no event settled, and removes what nothing names',
      names,
      functions: [sweep],
      define: (self) =>
        invoke(self, sweep, {
          payload: { scheduledTime: '{% $states.input.scheduledTime %}' },
          retry: [QUICK],
          timeout: PREPARE_TIMEOUT,
        }),
    });
  }
}
