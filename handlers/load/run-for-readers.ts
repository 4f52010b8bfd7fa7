import { isRefusal } from './load-errors.ts';

/** A role that nobody made yet, or a view that may not be made, keeps no load waiting. Without its record, the contract is prepared again before the next one. */
export const runForReaders = async (
  statements: readonly string[],
  run: (sql: string) => Promise<void>,
): Promise<string[]> => {
  const warnings: string[] = [];
  for (const sql of statements) {
    try {
      await run(sql);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      warnings.push(`${sql}: ${error.message}; the next load tries it again`);
    }
  }
  return warnings;
};
