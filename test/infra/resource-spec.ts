import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource, SpecDatabase } from '@aws-cdk/service-spec-types';

/** CloudFormation's resource types as AWS publishes them: properties, their types, and what a change of each one does. */

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>> | undefined;
}

export interface ResourceSpec {
  /** What CloudFormation would not take of a resource, each with its place. */
  problemsOf(id: string, resource: TemplateResource): readonly string[];
  /** Whether a resource holds data that its replacement would leave behind. */
  isStateful(type: string): boolean;
  /** Properties whose change makes CloudFormation replace the resource, or may do so. */
  replacing(type: string): readonly string[];
}

export const loadResourceSpec = (db: SpecDatabase = loadAwsServiceSpecSync()): ResourceSpec => {
  const find = (type: string): Resource | undefined =>
    db.lookup('resource', 'cloudFormationType', 'equals', type)[0];
  const known = (type: string): Resource => {
    const found = find(type);
    if (found === undefined) throw new Error(`CloudFormation has no resource type ${type}`);
    return found;
  };
  return {
    problemsOf: (id, { Type, Properties = {} }) => {
      const found = find(Type);
      return found === undefined
        ? [`${id}: there is no type ${Type}`]
        : checkObject(Properties, found.properties, { place: `${id} (${Type})`, db });
    },
    isStateful: (type) => known(type).isStateful === true,
    replacing: (type) => {
      const { properties, additionalReplacementProperties = [] } = known(type);
      const own = Object.entries(properties).filter(
        ([, { causesReplacement = 'no' }]) => causesReplacement !== 'no',
      );
      return [
        ...own.map(([name]) => name),
        ...additionalReplacementProperties.flatMap(([name = '']) => name),
      ];
    },
  };
};

interface At {
  readonly place: string;
  readonly db: SpecDatabase;
}

/** What an intrinsic function gives is known only to CloudFormation. */
const isIntrinsic = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const [key = '', ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
};

const checkObject = (
  value: unknown,
  properties: Readonly<Record<string, Property>>,
  { place, db }: At,
): readonly string[] => {
  if (isIntrinsic(value)) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${place}: got ${JSON.stringify(value)}, allowed an object`];
  const given: Readonly<Record<string, unknown>> = { ...value };
  const missing = Object.entries(properties).filter(
    ([name, { required }]) => required === true && !(name in given),
  );
  return [
    ...missing.map(([name]) => `${place}: ${name} is missing`),
    ...Object.entries(given).flatMap(([name, inner]) => {
      const property = properties[name];
      if (property === undefined) return [`${place}: there is no property ${name}`];
      const types = [property.type, ...(property.previousTypes ?? [])];
      return checkAny(inner, types, { place: `${place}.${name}`, db });
    }),
  ];
};

/** By one of the types that a property has or once had: CloudFormation takes the older ones too. */
const checkAny = (value: unknown, types: readonly PropertyType[], at: At): readonly string[] => {
  const found = types.map((type) => checkValue(value, type, at));
  return found.some((problems) => problems.length === 0) ? [] : (found[0] ?? []);
};

const PRIMITIVES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  'date-time': (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  json: () => true,
  null: (value) => value === null,
};

const checkValue = (value: unknown, type: PropertyType, at: At): readonly string[] => {
  if (isIntrinsic(value)) return [];
  const refuse = (allowed: string): readonly string[] => [
    `${at.place}: got ${JSON.stringify(value)}, allowed ${allowed}`,
  ];
  if (type.type === 'ref')
    return checkObject(value, at.db.get('typeDefinition', type.reference).properties, at);
  if (type.type === 'union') return checkAny(value, type.types, at);
  if (type.type === 'tag') return checkObject(value, TAG, at);
  if (type.type === 'array') {
    if (!Array.isArray(value)) return refuse('a list');
    return value.flatMap((one, index) =>
      checkValue(one, type.element, { ...at, place: `${at.place}[${index}]` }),
    );
  }
  if (type.type === 'map') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('an object');
    return Object.entries(value).flatMap(([key, one]) =>
      checkValue(one, type.element, { ...at, place: `${at.place}.${key}` }),
    );
  }
  if (PRIMITIVES[type.type]?.(value) !== true) return refuse(`a ${type.type}`);
  const allowed: readonly unknown[] | undefined = 'allowedValues' in type ? type.allowedValues : undefined;
  return allowed === undefined || allowed.includes(value) ? [] : refuse(allowed.join(' '));
};

const TEXT: Property = { type: { type: 'string' }, required: true };
const TAG = { Key: TEXT, Value: TEXT };
