import { InvalidInput } from '../../errors.ts';
import { printKeyPath } from '../document/problems.ts';
import type { KeyPath, Problem, YamlSource } from '../document/yaml-source.ts';

/** Gathers the problems of one file while it is resolved. */
export interface Check {
  /** Notes a problem with the value at a path, or with its key. */
  refuse(path: KeyPath, message: string, at?: 'key' | 'value'): void;
  /** What `read` gives; undefined, and the problem noted, where it throws InvalidInput. */
  attempt<Value>(path: KeyPath, read: () => Value): Value | undefined;
  readonly problems: readonly Problem[];
  /** The problems noted here, without those of before. */
  readonly noted: readonly { readonly path: KeyPath; readonly problem: Problem }[];
}

/** `before` are problems found before: with them a file has no meaning as a whole. */
export const newCheck = (source: YamlSource, before: readonly Problem[] = []): Check => {
  const problems: Problem[] = [...before];
  const noted: { path: KeyPath; problem: Problem }[] = [];
  const refuse: Check['refuse'] = (path, message, at) => {
    const problem = source.problem(path, `${printKeyPath(path)}: ${message}`, at);
    problems.push(problem);
    noted.push({ path, problem });
  };
  return {
    problems,
    noted,
    refuse,
    attempt: (path, read) => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        refuse(path, error.message);
        return undefined;
      }
    },
  };
};
