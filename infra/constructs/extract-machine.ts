import { Duration } from 'aws-cdk-lib';
import {
  type CatchProps,
  Choice,
  Condition,
  Fail,
  type IChainable,
  Map as MapState,
  ProvideItems,
  Succeed,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { LeaseHeld } from '../../shared/errors.ts';
import { THROTTLED } from '../../shared/fates.ts';
import type { DeploymentNames } from '../../shared/state/deployment-names.ts';
import { EVENT } from '../../shared/state/messages.ts';
import { ExpressMachine, invoke, type PutEvents } from './express-machine.ts';
import {
  LEASE,
  PLAN_THROTTLED,
  QUICK,
  RECORD_THROTTLED,
  SEAL_THROTTLED,
  SLICE,
  SLICE_THROTTLED,
} from './retry-policies.ts';
import type { StateFunction } from './state-function.ts';

export interface ExtractMachineProps {
  readonly planBatch: StateFunction;
  readonly extractSlice: StateFunction;
  readonly spoolPage: StateFunction;
  readonly sealBatch: StateFunction;
  readonly recordFailure: StateFunction;
}

/** A step that starts at the deadline, 230 s into the execution, has this long to publish what it has. */
const SLICE_TIMEOUT = Duration.seconds(245);

/** PlanBatch → ExtractSlice for each slice → SpoolPage for pages that take too long → SealBatch → done, or Continue in the next execution. */
export class ExtractMachine extends ExpressMachine {
  constructor(scope: Construct, id: string, names: DeploymentNames, on: ExtractMachineProps) {
    super(scope, id, {
      comment: 'Reads one batch of a feed: the plan, its slices, the seal',
      names,
      functions: Object.values(on),
      define: (self, putEvents) => define(self, on, putEvents),
    });
  }
}

const define = (scope: Construct, on: ExtractMachineProps, putEvents: PutEvents): IChainable => {
  const done = new Succeed(scope, 'ExtractDone');
  const failed = failure(scope, on.recordFailure, putEvents);
  const catchAll = (state: string, trigger: string, thread?: string): [IChainable, CatchProps] => [
    failed,
    { errors: ['States.ALL'], outputs: failureInput(state, trigger, thread) },
  ];

  const seal = invoke(scope, on.sealBatch, {
    payload: { thread: '{% $thread %}', isSpooling: '{% $isSpooling %}' },
    retry: [SEAL_THROTTLED, QUICK],
  }).addCatch(...catchAll('SealBatch', '{% null %}', '{% $thread %}'));

  const slices = MapState.jsonata(scope, 'ExtractSlices', {
    items: ProvideItems.jsonata('{% $states.input.slices %}'),
    jsonataMaxConcurrency: '{% $states.input.concurrency %}',
    itemSelector: { thread: '{% $thread %}', slice: '{% $states.context.Map.Item.Value %}' },
    assign: { isSpooling: IS_SPOOLING },
  });
  // Retry stands inside the iterator: on the Map it would run all slices again.
  slices.itemProcessor(
    invoke(scope, on.extractSlice, {
      payload: ITEM,
      retry: [SLICE_THROTTLED, SLICE],
      timeout: SLICE_TIMEOUT,
    }).addCatch(new Succeed(scope, 'SliceLater'), { errors: [THROTTLED], outputs: LATE }),
  );
  slices.addCatch(...catchAll('ExtractSlice', '{% null %}', '{% $thread %}'));

  const spools = MapState.jsonata(scope, 'SpoolPages', {
    items: ProvideItems.jsonata('{% [$states.input.spool] %}'),
    itemSelector: { thread: '{% $thread %}', spool: '{% $states.context.Map.Item.Value %}' },
  });
  spools.itemProcessor(
    invoke(scope, on.spoolPage, {
      payload: { thread: '{% $states.input.thread %}', spool: '{% $states.input.spool %}' },
      retry: [QUICK], // what is not waited for finds room in Lambda's queue
      isAsync: true,
    }),
  );
  spools.addCatch(...catchAll('SpoolPage', '{% null %}', '{% $thread %}'));

  const plan = invoke(scope, on.planBatch, {
    payload: {
      trigger: '{% $states.input %}',
      execution: {
        id: '{% $states.context.Execution.Id %}',
        startTime: '{% $states.context.Execution.StartTime %}',
      },
    },
    retry: [LEASE, PLAN_THROTTLED, QUICK],
    assign: { thread: '{% $exists($states.result.Payload.thread) ? $states.result.Payload.thread : null %}' },
  })
    .addCatch(busy(scope, done, putEvents), { errors: [LeaseHeld.name], outputs: BUSY })
    .addCatch(...catchAll('PlanBatch', '{% $states.input %}'));

  return plan.next(
    new Choice(scope, 'HasWork', {})
      .when(
        Condition.jsonata("{% $states.input.outcome = 'planned' %}"),
        slices
          .next(spools)
          .next(seal)
          .next(
            new Choice(scope, 'IsMoreDue')
              .when(
                Condition.jsonata("{% $states.input.outcome = 'continue' %}"),
                putEvents('Continue', { [EVENT.continue]: '{% $states.input.detail %}' }).next(done),
              )
              .otherwise(done),
          ),
      )
      .otherwise(done),
  );
};

/** What was asked for and not done: a schedule's input, or the detail of an event. */
const BUSY = {
  error: '{% $states.errorOutput %}',
  asked: '{% $exists($states.input.detail) ? $states.input.detail : $states.input %}',
};

/** The feed's next schedule goes on with it; the next time of a comparison may be a week away, so that it is asked for again. */
const busy = (scope: Construct, done: IChainable, putEvents: PutEvents): IChainable =>
  new Choice(scope, 'IsComparison')
    .when(
      Condition.jsonata('{% $exists($states.input.asked.compares) %}'),
      putEvents('CompareLater', { [EVENT.continue]: COMPARE_LATER }).next(done),
    )
    .otherwise(
      // Said to whoever asks what became of a schedule.
      Succeed.jsonata(scope, 'FeedBusy', {
        outputs: { outcome: 'busy', error: '{% $states.input.error %}' },
      }),
    );

/** Counted as executions are that follow each other, so that no feed is asked for ever. */
const COMPARE_LATER =
  "{% $merge([$states.input.asked, { 'generation': ($exists($states.input.asked.generation) ? $states.input.asked.generation : 0) + 1 }]) %}";

/** Nothing can be read before a page is there: some slices wait for theirs, and all others are complete. */
const IS_SPOOLING =
  "{% 'spooling' in $states.result.outcome and $not('partial' in $states.result.outcome) and $not('late' in $states.result.outcome) %}";

/** A slice whose function had no room did nothing, as one that began after the deadline: the next execution goes on with it. */
const LATE = { slice: '{% $states.input.slice %}', outcome: 'late' };

const ITEM = { thread: '{% $states.input.thread %}', slice: '{% $states.input.slice %}' };

/** What RecordFailure is told: the state, its error, and as much of the batch as was known. */
const failureInput = (state: string, trigger: string, thread?: string) => ({
  trigger,
  ...(thread !== undefined && { thread }),
  execution: '{% $states.context.Execution.Id %}',
  state,
  error: '{% $states.errorOutput %}',
});

/** RecordFailure, the event where it parked the batch, then the execution fails with the error that it was told. */
const failure = (scope: Construct, recordFailure: StateFunction, putEvents: PutEvents): IChainable => {
  const fail = Fail.jsonata(scope, 'ExtractFailed', {
    error: '{% $states.input.error %}',
    cause: '{% $states.input.cause %}',
  });
  return invoke(scope, recordFailure, { payload: PASS_ON, retry: [RECORD_THROTTLED, QUICK] })
    .addCatch(fail, {
      errors: ['States.ALL'],
      outputs: { error: '{% $states.input.error.Error %}', cause: TOLD_CAUSE },
    })
    .next(
      new Choice(scope, 'IsParked')
        .when(
          Condition.jsonata('{% $states.input.isParked %}'),
          putEvents('BatchParkedEvent', { [EVENT.batchParked]: '{% $states.input.parked %}' })
            .addCatch(fail, { errors: ['States.ALL'], outputs: '{% $states.input %}' })
            .next(fail),
        )
        .otherwise(fail),
    );
};

const PASS_ON = '{% $states.input %}';

/** A timeout and a throttle may come without a cause; an expression that gives nothing would fail the state by another name. */
const TOLD_CAUSE =
  "{% $exists($states.input.error.Cause) ? $states.input.error.Cause : $states.input.state & ' failed, and no cause was told' %}";
