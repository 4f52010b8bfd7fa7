import { setFlagsFromString } from 'node:v8';

/**
 * Bytes that a function executes before V8 compiles it with its optimising compiler; V8's own default is 13 million.
 * With that default opening Postgres and one SELECT cost 4.2 CPU-s and 645 MB, and the compiler's threads held the process
 * after the answer; with this 1.4 CPU-s and 260 MB. COPY and MERGE of 200,000 rows cost 9.5 CPU-s and 1,218 MB against 7.0 and 700;
 * what is still hot after that much work is optimised all the same.
 */
const TIERING_BUDGET = 1_000_000_000;

/** Called before Postgres' WebAssembly is compiled: a module keeps the budget that it was compiled with. */
export const deferOptimisation = (): void => {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
};
