import type { Feed, Partition } from '../model/feed.ts';
import { compileTimeFormat } from '../values/time-format.ts';
import { fieldsOf } from './fields.ts';
import { expandTemplate, parseTemplate, type Variables } from './template.ts';
import type { Bounds } from './window.ts';

/** What a slice gives to `${variables}`, in requests and in `value` alike. */

export interface SliceValues {
  readonly feed: Feed;
  readonly partition: Partition;
  /** The slice's half-open bounds; the feed's lookback is taken off here. */
  readonly bounds?: Bounds | undefined;
}

export const ownValue = (values: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const windowVariables = ({ feed: { window }, bounds }: SliceValues): Readonly<Record<string, string>> => {
  if (window === undefined || bounds === undefined) return {};
  const format = compileTimeFormat(window.format);
  return {
    'window.from': format.format(bounds.fromMs - window.lookbackMs),
    'window.to': format.format(bounds.toMs),
  };
};

/** The slice's variables, and `more` of the caller's, which values of partitions may name too. */
export const sliceVariables = (
  slice: SliceValues,
  more: Readonly<Record<string, string>> = {},
): Variables => {
  const { feed, partition } = slice;
  const { source } = feed;
  const simple: Readonly<Record<string, string>> = {
    ...windowVariables(slice),
    ...(source.kind === 'http' && source.connection !== undefined ? { connection: source.connection } : {}),
    partition: partition.name,
    ...more,
  };
  // Only who asks for them pays: a path of any depth is no list of fields.
  const read: Variables = (name) =>
    name === 'fields' && source.kind === 'http' ? fieldsOf(feed.contract) : ownValue(simple, name);
  return (name) => {
    if (!name.startsWith('partition.')) return read(name);
    const value = ownValue(partition.values, name.slice('partition.'.length));
    // What a source lists is its own text; what the feed's author wrote is a template, of the simple variables only (checked).
    if (feed.listing !== undefined) return value;
    return value && expandTemplate(parseTemplate(value), read, 'plain');
  };
};
