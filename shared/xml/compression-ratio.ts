import { XmlLimitExceeded } from '../errors.ts';
import type { Limits } from './limits.ts';

/** Counts what compressed bytes become, in a file or on their way here. */
export interface CompressionRatio {
  /** Compressed bytes that were read. */
  take(bytes: number): void;
  /** Bytes that came of them. Throws XmlLimitExceeded when they are more than those taken so far may become. */
  give(bytes: number): void;
}

export const newCompressionRatio = (
  place: string,
  { compressionRatio, compressionFree }: Limits,
): CompressionRatio => {
  let taken = 0;
  let given = 0;
  return {
    take: (bytes) => {
      taken += bytes;
    },
    give: (bytes) => {
      given += bytes;
      if (given <= compressionFree || given <= taken * compressionRatio) return;
      throw new XmlLimitExceeded(
        `${place}: ${taken} compressed bytes became ${given}, over compressionRatio, ${compressionRatio} times, and compressionFree, ${compressionFree} bytes`,
      );
    },
  };
};
