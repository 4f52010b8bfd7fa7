import { checkSize } from './payload.ts';
import { STATES, StatesError } from './states-error.ts';

/**
 * All that an execution's variables may hold at once; each of them, and those of one Assign together, have the limit of
 * every payload: docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export const MAX_VARIABLES_BYTES = 10 * 1_048_576;

/** The variables that a scope sees: its own, and those of the scopes around it. */
export interface Variables {
  all(): Readonly<Record<string, unknown>>;
  /** Sets all or none. Throws StatesError `States.DataLimitExceeded`. */
  assign(values: Readonly<Record<string, unknown>>): void;
  /** A scope within this one: a branch, or an iteration. Its own variables are gone at `end`. */
  inner(): InnerVariables;
}

export interface InnerVariables extends Variables {
  end(): void;
}

/** The variables of an execution, of which there are none yet. */
export const newVariables = (): Variables => openScope(() => ({}), { bytes: 0 });

const openScope = (outer: Variables['all'], stored: { bytes: number }): InnerVariables => {
  const own = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  const all: Variables['all'] = () => ({
    ...outer(),
    ...Object.fromEntries([...own].map(([name, { value }]) => [name, value])),
  });
  const assign: Variables['assign'] = (values) => {
    checkSize(values, 'what one Assign sets');
    const entries = Object.entries(values).map(([name, value]) => {
      return { name, value, bytes: checkSize(value, `variable ${name}`) };
    });
    const grown = entries.reduce((sum, { name, bytes }) => sum + bytes - (own.get(name)?.bytes ?? 0), 0);
    if (stored.bytes + grown > MAX_VARIABLES_BYTES) {
      throw new StatesError(
        STATES.dataLimit,
        `the variables of the execution have ${stored.bytes + grown} bytes of JSON, at most ${MAX_VARIABLES_BYTES}`,
      );
    }
    stored.bytes += grown;
    for (const { name, value, bytes } of entries) own.set(name, { value, bytes });
  };
  return {
    all,
    assign,
    inner: () => openScope(all, stored),
    end: () => {
      for (const { bytes } of own.values()) stored.bytes -= bytes;
      own.clear();
    },
  };
};
