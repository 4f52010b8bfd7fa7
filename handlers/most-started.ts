/** Executions that are started at one go: as many as an account's functions serve at once. The sweep starts the rest. */
export const MOST_STARTED = 1_000;
