import { InvalidInput } from '../../../shared/errors.ts';
import { bucketsOfOthers } from './buckets-of-others.ts';
import { createResolvers, type Resolver } from './intrinsics.ts';
import { BEHAVIOURS, INERT_TYPES, type Model } from './resources.ts';
import { NESTED_STACK, readTemplates, type StackTemplate } from './template.ts';

/** All that a `cdk.out` says shall exist, with physical names and every reference resolved. */
export interface Assembly extends Readonly<Model> {
  readonly folder: string;
  /** Resources that exist in the template and do nothing here, `type stack/logicalId`. */
  readonly inert: readonly string[];
}

/** Reads a cloud assembly. Throws InvalidInput, with all findings, for what the local cloud does not know. */
export const readAssembly = async (folder: string): Promise<Assembly> => {
  const stacks = await readTemplates(folder);
  const resolvers = createResolvers(stacks);
  const model: Model = {
    buckets: [],
    functions: [],
    machines: [],
    rules: [],
    schedules: [],
    namespaces: [],
    workgroups: [],
    secrets: [],
    roles: [],
    policies: [],
    bucketPolicies: [],
  };
  const inert: string[] = [];
  const problems: string[] = [];
  for (const stack of stacks) {
    const resolver = resolvers.get(stack.name);
    if (resolver !== undefined) problems.push(...addStack(stack, resolver, model, inert));
  }
  model.buckets.push(...bucketsOfOthers(model));
  problems.push(...danglingTargets(model));
  if (problems.length > 0) throw new InvalidInput(`assembly ${folder}: ${problems.join('; ')}`);
  return { ...model, folder, inert };
};

const addStack = (stack: StackTemplate, resolver: Resolver, model: Model, inert: string[]): string[] =>
  Object.entries(stack.resources).flatMap(([logicalId, resource]) => {
    if (resource.Condition !== undefined && !resolver.isConditionMet(resource.Condition)) return [];
    const place = `${resource.Type} ${stack.name}/${logicalId}`;
    if (resource.Type === NESTED_STACK) return [];
    if (INERT_TYPES.includes(resource.Type)) {
      inert.push(place);
      return [];
    }
    const add = BEHAVIOURS[resource.Type];
    if (add === undefined) return [`${place} is of a type that the local cloud does not know`];
    try {
      const identity = resolver.identityOf(logicalId);
      const properties = resolver.resolve(resource.Properties);
      add(model, { logicalId, stack, name: resolver.nameOf(logicalId), identity, properties });
      return [];
    } catch (error) {
      return [`${place}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });

/** Targets are state machines of the assembly; anything else is refused by its ARN. */
const danglingTargets = ({ machines, rules, schedules }: Model): string[] => {
  const known = new Set(machines.map((machine) => machine.arn));
  const targets = [
    ...rules.flatMap((rule) =>
      rule.targets.map((target) => ({ of: `rule ${rule.name}`, arn: target.machineArn })),
    ),
    ...schedules.map((schedule) => ({ of: `schedule ${schedule.name}`, arn: schedule.machineArn })),
  ];
  return targets
    .filter(({ arn }) => !known.has(arn))
    .map(({ of, arn }) => `${of}: target ${arn} is no state machine of the assembly`);
};
