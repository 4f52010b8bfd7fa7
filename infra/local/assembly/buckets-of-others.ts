import type { BucketModel, Model } from './resources.ts';

/** Buckets that a rule of the assembly listens to and that it does not make: here they exist, as such a rule needs them. */
export const bucketsOfOthers = ({
  rules,
  buckets,
}: Pick<Model, 'rules' | 'buckets'>): readonly BucketModel[] => {
  const own = new Set(buckets.map(({ name }) => name));
  const named = rules.flatMap(({ pattern }) => namesIn(pattern)).filter((name) => !own.has(name));
  return [...new Set(named)].map((name) => ({
    name,
    isVersioned: true,
    hasEventBridge: true,
    lifecycle: [],
  }));
};

const namesIn = ({ source, detail }: Readonly<Record<string, unknown>>): readonly string[] => {
  if (!Array.isArray(source) || !source.includes('aws.s3')) return [];
  const names = inside(inside(detail, 'bucket'), 'name');
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
};

const inside = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
