import type { Finding } from './check.ts';

/** What is found; an error is found wrong, but the end of all looking. */
export const orWrong = async (of: string, remedy: string, look: () => Promise<Finding>): Promise<Finding> => {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const says = error instanceof Error ? error.message : String(error);
    return { of, state: 'wrong', says, remedy };
  }
};
