import { z } from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';
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

/** What `AWS::NoValue` resolves to until the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

const text = z.string();
const pair = z.tuple([z.string(), z.unknown()]);

/** Makes one resolver a stack; imports resolve in the stack that exports. */
export const createResolvers = (stacks: readonly StackTemplate[]): ReadonlyMap<string, Resolver> => {
  const resolvers = new Map<string, Resolver>();
  const importValue = (name: string): unknown => {
    for (const stack of stacks) {
      const resolver = resolvers.get(stack.name);
      for (const output of Object.values(stack.outputs)) {
        if (output.Export !== undefined && resolver?.resolve(output.Export.Name) === name)
          return resolver.resolve(output.Value);
      }
    }
    throw new InvalidInput(`Fn::ImportValue: no stack exports ${name}`);
  };
  for (const stack of stacks) resolvers.set(stack.name, createResolver(stack, importValue));
  return resolvers;
};

const createResolver = (stack: StackTemplate, importValue: (name: string) => unknown): Resolver => {
  const place = (what: string): string => `stack ${stack.name}: ${what}`;
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack.name}/${stack.name}`,
    'AWS::NoValue': NO_VALUE,
  };
  const resolveText = (value: unknown, what: string): string => {
    const parsed = text.safeParse(evaluate(value));
    if (!parsed.success)
      throw new InvalidInput(place(`${what} is ${JSON.stringify(value)}, which gives no text`));
    return parsed.data;
  };
  const nameOf = (logicalId: string): string => {
    const resource = stack.resources[logicalId];
    if (resource === undefined) throw new InvalidInput(place(`there is no resource ${logicalId}`));
    const given = resource.Properties[NAME_PROPERTY[resource.Type] ?? ''];
    return given === undefined
      ? physicalName(resource.Type, stack.name, logicalId)
      : resolveText(given, `${logicalId}'s name`);
  };
  const identity = (logicalId: string): Identity => {
    const name = nameOf(logicalId);
    return identityOf(stack.resources[logicalId]?.Type ?? '', name);
  };
  const ref = (name: string): unknown => {
    if (name in pseudo) return pseudo[name];
    const parameter = stack.parameters[name];
    if (parameter === undefined) return identity(name).ref;
    if (parameter.Default !== undefined && parameter.Type === 'String') return parameter.Default;
    throw new InvalidInput(place(`parameter ${name} of type ${parameter.Type} has no value here`));
  };
  const getAtt = (logicalId: string, attribute: string): string => {
    const value = identity(logicalId).attributes[attribute];
    if (value === undefined)
      throw new InvalidInput(place(`attribute ${logicalId}.${attribute} is not known`));
    return value;
  };
  const substitute = (template: string, own: Readonly<Record<string, unknown>>): string =>
    template.replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`;
      if (name in own) return resolveText(own[name], name);
      const dot = name.indexOf('.');
      return dot < 0 ? resolveText({ Ref: name }, name) : getAtt(name.slice(0, dot), name.slice(dot + 1));
    });
  const isConditionMet = (name: string): boolean => {
    if (!(name in stack.conditions)) throw new InvalidInput(place(`there is no condition ${name}`));
    return evaluate(stack.conditions[name]) === true;
  };
  const list = (argument: unknown): unknown[] => z.array(z.unknown()).parse(evaluate(argument));
  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (argument) => ref(text.parse(argument)),
    Condition: (argument) => isConditionMet(text.parse(argument)),
    'Fn::GetAtt': (argument) => {
      const [logicalId, attribute] = Array.isArray(argument)
        ? argument
        : text.parse(argument).split(/\.(.*)/s);
      return getAtt(text.parse(logicalId), resolveText(attribute, 'the attribute of Fn::GetAtt'));
    },
    'Fn::Join': (argument) => {
      const [separator, parts] = z.tuple([z.string(), z.unknown()]).parse(argument);
      return list(parts)
        .map((part) => resolveText(part, 'a part of Fn::Join'))
        .join(separator);
    },
    'Fn::Sub': (argument) => {
      if (typeof argument === 'string') return substitute(argument, {});
      const [template, own] = z.tuple([z.string(), z.record(z.string(), z.unknown())]).parse(argument);
      return substitute(template, own);
    },
    'Fn::Select': (argument) => {
      const [index, values] = z.tuple([z.coerce.number(), z.unknown()]).parse(argument);
      return list(values)[index];
    },
    'Fn::Split': (argument) => {
      const [separator, source] = pair.parse(argument);
      return resolveText(source, 'the source of Fn::Split').split(separator);
    },
    'Fn::If': (argument) => {
      const [condition, then, otherwise] = z.tuple([z.string(), z.unknown(), z.unknown()]).parse(argument);
      return evaluate(isConditionMet(condition) ? then : otherwise);
    },
    'Fn::Equals': (argument) => {
      const [a, b] = list(argument);
      return JSON.stringify(a) === JSON.stringify(b);
    },
    'Fn::And': (argument) => list(argument).every((met) => met === true),
    'Fn::Or': (argument) => list(argument).some((met) => met === true),
    'Fn::Not': (argument) => list(argument)[0] !== true,
    'Fn::ImportValue': (argument) => importValue(resolveText(argument, 'the name of Fn::ImportValue')),
  };
  const evaluate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(evaluate).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [key, argument] = entries[0] ?? ['', undefined];
    if (
      entries.length === 1 &&
      (key === 'Ref' || key.startsWith('Fn::') || (key === 'Condition' && typeof argument === 'string'))
    ) {
      const intrinsic = functions[key];
      if (intrinsic === undefined) throw new InvalidInput(place(`intrinsic ${key} is not supported`));
      return intrinsic(argument);
    }
    return Object.fromEntries(
      entries
        .map(([name, inner]) => [name, evaluate(inner)] as const)
        .filter(([, inner]) => inner !== NO_VALUE),
    );
  };
  return { resolve: evaluate, isConditionMet, nameOf, identityOf: identity };
};
