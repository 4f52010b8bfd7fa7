import * as z from 'zod';
import { parseKeyIfOurs } from '../shared/state/keys.ts';
import { parseStatementName } from '../shared/state/load-name.ts';
import type { Annotations } from './ports/tracer.ts';

const KEYS = ['feed', 'batch', 'slice', 'loadKey', 'correlation', 'generation', 'statementName'] as const;

type Keys = Record<string, string | number>;

const bag = z.record(z.string(), z.unknown()).catch({});

/** Finds the keys that join log lines and traces in any state's input or output, before it is known to be well-formed. */
export const correlationKeys = (event: unknown): Keys => {
  const input = bag.parse(event);
  const trigger = bag.parse(input.trigger);
  const detail = bag.parse(trigger.detail);
  const found = fromObject(bag.parse(detail.object).key);
  for (const place of [detail, trigger, bag.parse(input.thread), input]) {
    for (const key of KEYS) {
      const value = place[key];
      if (typeof value === 'string' || typeof value === 'number') found[key] = value;
    }
  }
  return { ...fromStatement(found.statementName), ...found };
};

/** A batch's record that was put, or a file that was dropped, says whose it is by its key. */
const fromObject = (key: unknown): Keys => {
  const name = typeof key === 'string' ? parseKeyIfOurs(key) : undefined;
  return name?.kind === 'batch' ? { feed: name.feed, batch: name.batch } : {};
};

const fromStatement = (name: string | number | undefined): Keys => {
  const { feed, loadKey, correlation } = parseStatementName(String(name))?.thread ?? {};
  return loadKey === undefined || feed === undefined || correlation === undefined
    ? {}
    : { feed, loadKey, correlation };
};

/** What an invocation is found by in X-Ray: `feed`, `batch` or `load`, `correlation`, `slice`. */
export const toAnnotations = ({ feed, batch, loadKey, correlation, slice }: Keys): Annotations =>
  Object.fromEntries(
    Object.entries({ feed, batch, load: loadKey, correlation, slice }).filter(
      (pair): pair is [string, string | number] => pair[1] !== undefined,
    ),
  );
