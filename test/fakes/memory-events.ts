import type { Events } from '../../handlers/ports/events.ts';

/** Events in an array, for tests to look at. */
export const memoryEvents = (): Events & {
  readonly taken: { readonly type: string; readonly detail: Readonly<Record<string, unknown>> }[];
} => {
  const taken: { readonly type: string; readonly detail: Readonly<Record<string, unknown>> }[] = [];
  return {
    taken,
    put: async (type, detail) => {
      taken.push({ type, detail });
    },
  };
};
