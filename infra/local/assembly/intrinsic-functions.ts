import * as z from 'zod';

/** What `AWS::NoValue` resolves to until the property that holds it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

/** What intrinsic functions need of their stack. */
export interface IntrinsicScope {
  refuse(problem: string): never;
  resolve(value: unknown): unknown;
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): string;
  isConditionMet(name: string): boolean;
  importValue(name: string): unknown;
}

type Intrinsic = (argument: unknown) => unknown;

const text = z.string();
const textAndValue = z.tuple([z.string(), z.unknown()]);

/** docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html, as far as CDK writes them. */
export const createFunctions = (scope: IntrinsicScope): Readonly<Record<string, Intrinsic>> => ({
  Ref: (argument) => scope.ref(text.parse(argument)),
  'Fn::GetAtt': (argument) => {
    const [logicalId, name] = Array.isArray(argument) ? argument : text.parse(argument).split(/\.(.*)/s);
    return scope.attribute(text.parse(logicalId), toText(scope, name));
  },
  'Fn::ImportValue': (argument) => scope.importValue(toText(scope, argument)),
  ...textFunctions(scope),
  ...conditionFunctions(scope),
});

const toText = (scope: IntrinsicScope, value: unknown): string => {
  const resolved = scope.resolve(value);
  return typeof resolved === 'string' ? resolved : scope.refuse(`${JSON.stringify(value)} gives no text`);
};

const toList = (scope: IntrinsicScope, value: unknown): readonly unknown[] =>
  z.array(z.unknown()).parse(scope.resolve(value));

const textFunctions = (scope: IntrinsicScope): Readonly<Record<string, Intrinsic>> => ({
  'Fn::Join': (argument) => {
    const [separator, parts] = textAndValue.parse(argument);
    return toList(scope, parts)
      .map((part) => toText(scope, part))
      .join(separator);
  },
  'Fn::Split': (argument) => {
    const [separator, source] = textAndValue.parse(argument);
    return toText(scope, source).split(separator);
  },
  'Fn::Select': (argument) => {
    const [index, values] = z.tuple([z.coerce.number(), z.unknown()]).parse(argument);
    return toList(scope, values)[index];
  },
  'Fn::Sub': (argument) => {
    const [template, own] =
      typeof argument === 'string'
        ? [argument, {}]
        : z.tuple([z.string(), z.record(z.string(), z.unknown())]).parse(argument);
    return substitute(scope, template, own);
  },
});

const substitute = (
  scope: IntrinsicScope,
  template: string,
  own: Readonly<Record<string, unknown>>,
): string =>
  template.replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (name in own) return toText(scope, own[name]);
    const dot = name.indexOf('.');
    return dot < 0 ? toText(scope, { Ref: name }) : scope.attribute(name.slice(0, dot), name.slice(dot + 1));
  });

const conditionFunctions = (scope: IntrinsicScope): Readonly<Record<string, Intrinsic>> => ({
  Condition: (argument) => scope.isConditionMet(text.parse(argument)),
  'Fn::If': (argument) => {
    const [condition, then, otherwise] = z.tuple([z.string(), z.unknown(), z.unknown()]).parse(argument);
    return scope.resolve(scope.isConditionMet(condition) ? then : otherwise);
  },
  'Fn::Equals': (argument) => {
    const [a, b] = toList(scope, argument);
    return JSON.stringify(a) === JSON.stringify(b);
  },
  'Fn::And': (argument) => toList(scope, argument).every((met) => met === true),
  'Fn::Or': (argument) => toList(scope, argument).some((met) => met === true),
  'Fn::Not': (argument) => toList(scope, argument)[0] !== true,
});
