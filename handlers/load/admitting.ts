/** How PrepareWarehouse asks a warehouse whose user may not be let in yet. */
export interface Admitting {
  readonly signal: AbortSignal;
  /** Lets the user that loads into the warehouse, where its admin is ours to act as. @default - somebody else sees to that */
  readonly admit?: (() => Promise<void>) | undefined;
}

/**
 * Asks, and where that fails in whatever words lets the user in and asks again: a warehouse says in many ways that it does not know who asks. The question is told whether it may take a
 * refusal for an answer.
 */
export const askAdmitted = async <T>(
  ask: (mayRefuse: boolean) => Promise<T>,
  { signal, admit }: Admitting,
): Promise<T> => {
  if (admit === undefined) return ask(true);
  try {
    return await ask(false);
  } catch {
    signal.throwIfAborted();
    await admit();
    return ask(true);
  }
};
