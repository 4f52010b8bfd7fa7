import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../infra/build-app.ts';
import { FEATURE_FLAGS, readSettings } from '../../infra/settings.ts';
import type { FeedsFile } from '../../shared/model/feed.ts';

/** The app's templates with empty bundles: real ones which take seconds and change nothing that templates say. */
export const synthesized = (context: Record<string, unknown> = {}, feeds: FeedsFile = {}): Synthesized => {
  if (Object.keys({ ...context, ...feeds }).length > 0) return synthesize(context, feeds);
  plain ??= synthesize({}, {});
  return plain;
};

/** Of no feeds by the defaults, which many files look at. */
let plain: Synthesized | undefined;

interface Synthesized {
  readonly storage: Template;
  readonly pipeline: Template;
  /** Empty where the context names an existing warehouse. */
  readonly warehouse: Template;
}

const synthesize = (context: Record<string, unknown>, feeds: FeedsFile): Synthesized => {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
  try {
    const bundle = join(outdir, 'bundle');
    mkdirSync(bundle);
    const app = new App({ outdir, context: { ...FEATURE_FLAGS, ...context } });
    const settings = readSettings(app.node);
    buildApp(app, settings, feeds, () => bundle);
    const stack = (id: string) => Template.fromStack(app.node.findChild(id) as Stack);
    const ids = app.node.children.map(({ node }) => node.id);
    const { stacks } = settings.names;
    return {
      storage: stack(stacks.storage),
      pipeline: stack(stacks.pipeline),
      warehouse: ids.includes(stacks.warehouse)
        ? stack(stacks.warehouse)
        : Template.fromJSON({ Resources: {} }),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

export interface Retry {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy?: string;
}

export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Retry?: readonly Retry[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly ItemProcessor?: Machine & { readonly ProcessorConfig: { readonly Mode: string } };
  readonly TimeoutSeconds?: number;
}
export interface Machine {
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly QueryLanguage?: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Each state machine's resource and its definition, references written as `<…>`. */
export const machinesOf = (template: Template) =>
  Object.entries(template.findResources('AWS::StepFunctions::StateMachine')).map(([id, resource]) => {
    const parts: unknown[] = resource.Properties.DefinitionString['Fn::Join'][1];
    const text = parts.map((part) => (typeof part === 'string' ? part : '<reference>')).join('');
    return { id, properties: resource.Properties, definition: JSON.parse(text) as Machine };
  });

/** All states of a machine, those of its Maps included, with their names. */
export const statesOf = (machine: Machine): (readonly [string, State])[] =>
  Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor)),
  ]);
