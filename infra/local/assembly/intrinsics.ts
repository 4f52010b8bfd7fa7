import { InvalidInput } from '../../../shared/errors.ts';
import { createFunctions, NO_VALUE } from './intrinsic-functions.ts';
import { ACCOUNT, type Identity, identityOf, NAME_PROPERTY, physicalName, REGION } from './names.ts';
import type { StackTemplate } from './template.ts';

/** Resolves template values of one stack to plain JSON. */
export interface Resolver {
  /** Throws InvalidInput for an intrinsic, a reference or an attribute that it does not know. */
  resolve(value: unknown): unknown;
  isConditionMet(name: string): boolean;
  nameOf(logicalId: string): string;
  identityOf(logicalId: string): Identity;
}

/** Makes one resolver a stack; imports resolve in the stack that exports. */
export const createResolvers = (stacks: readonly StackTemplate[]): ReadonlyMap<string, Resolver> => {
  const resolvers = new Map<string, Resolver>();
  const importValue = (name: string): unknown => {
    for (const stack of stacks) {
      const resolver = resolvers.get(stack.name);
      for (const output of Object.values(stack.outputs)) {
        if (output.Export !== undefined && resolver?.resolve(output.Export.Name) === name) {
          return resolver.resolve(output.Value);
        }
      }
    }
    throw new InvalidInput(`Fn::ImportValue: no stack exports ${name}`);
  };
  for (const stack of stacks) {
    const given = (parameter: string): unknown => {
      const value = stack.parent?.parameters[parameter];
      return value === undefined ? undefined : resolvers.get(stack.parent?.name ?? '')?.resolve(value);
    };
    resolvers.set(stack.name, createResolver(stack, { importValue, given }));
  }
  return resolvers;
};

/** What a stack has from others. */
interface Surroundings {
  importValue(name: string): unknown;
  /** What the stack that this one is nested in gives for a parameter; undefined where it gives nothing. */
  given(parameter: string): unknown;
}

const createResolver = (stack: StackTemplate, { importValue, given }: Surroundings): Resolver => {
  const pseudo = pseudoParameters(stack);
  const refuse = (problem: string): never => {
    throw new InvalidInput(`stack ${stack.name}: ${problem}`);
  };
  const nameOf = (logicalId: string): string => {
    const resource = stack.resources[logicalId];
    if (resource === undefined) return refuse(`there is no resource ${logicalId}`);
    const given = resolve(resource.Properties[NAME_PROPERTY[resource.Type] ?? '']);
    return typeof given === 'string' ? given : physicalName(resource.Type, stack.name, logicalId);
  };
  const identity = (logicalId: string): Identity => {
    const name = nameOf(logicalId);
    return identityOf(stack.resources[logicalId]?.Type ?? '', name);
  };
  const isConditionMet = (name: string): boolean =>
    name in stack.conditions
      ? resolve(stack.conditions[name]) === true
      : refuse(`there is no condition ${name}`);
  const functions = createFunctions({
    refuse,
    resolve: (value) => resolve(value),
    ref: (name) => {
      if (name in pseudo) return pseudo[name];
      const parameter = stack.parameters[name];
      if (parameter === undefined) return identity(name).ref;
      const value = given(name);
      if (value !== undefined) return value;
      if (parameter.Default !== undefined && parameter.Type === 'String') return parameter.Default;
      return refuse(`parameter ${name} of type ${parameter.Type} has no value here`);
    },
    attribute: (logicalId, name) =>
      identity(logicalId).attributes[name] ?? refuse(`attribute ${logicalId}.${name} is not known`),
    isConditionMet,
    importValue,
  });
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [key, argument] = entries[0] ?? ['', undefined];
    if (entries.length === 1 && isIntrinsic(key, argument)) {
      return (functions[key] ?? refuse(`intrinsic ${key} is not supported`))(argument);
    }
    const resolved = entries.map(([name, inner]) => [name, resolve(inner)] as const);
    return Object.fromEntries(resolved.filter(([, inner]) => inner !== NO_VALUE));
  };
  return { resolve, isConditionMet, nameOf, identityOf: identity };
};

/** `Condition` is an intrinsic inside conditions only; in a policy it is an object. */
const isIntrinsic = (key: string, argument: unknown): boolean =>
  key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string');

const pseudoParameters = (stack: StackTemplate): Readonly<Record<string, unknown>> => ({
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack.name,
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack.name}/${stack.name}`,
  'AWS::NoValue': NO_VALUE,
});
