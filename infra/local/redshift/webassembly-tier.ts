import { setFlagsFromString } from 'node:v8';

/**
 * Bytes that a function executes before V8 compiles it with its optimising compiler; V8's own default is 13 million.
 * With that default opening Postgres and one SELECT cost 4.2 CPU-s and 645 MB, and the compiler's threads held the process
 * after the answer; with this 1.4 CPU-s and 260 MB. Three rounds of COPY, merge and aggregates of 200,000 rows cost 13.3 CPU-s
 * and 736 MB with this, 20.1 and 1,170 MB with the default. What is still hot after that is optimised all the same: six rounds
 * cost 34.1 CPU-s and 1,270 MB, against 30.2 and 1,175 MB.
 */
const TIERING_BUDGET = 1_000_000_000;

/** No module has so many functions. */
const NO_FUNCTION = 1_000_000;
const ALL_FUNCTIONS = -1;

/**
 * Functions that are called for the first time within this work are never optimised. The grammar of Postgres is one function of
 * 100 KB, which opening Postgres and the first statement call: a hundred statements spend the budget above, and the optimising
 * compiler takes 4 CPU-s and 600 MB for it, once for Postgres and once for the parser in front of it. Three rounds of
 * 200,000 rows, made in SQL, merged and aggregated, cost 9.2 CPU-s instead of 8.4, for what else is not optimised then.
 */
export const withoutOptimisation = async <T>(work: () => Promise<T>): Promise<T> => {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  setFlagsFromString(`--wasm-tier-up-filter=${NO_FUNCTION}`);
  try {
    return await work();
  } finally {
    setFlagsFromString(`--wasm-tier-up-filter=${ALL_FUNCTIONS}`);
  }
};
