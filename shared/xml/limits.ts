/** What one document may cost at most; each limit's name stands in the message of its XmlLimitExceeded. */
export interface Limits {
  /** Characters between `&` and `;`, and of an internal entity's replacement text. */
  readonly entityLength: number;
  /** Characters that internal entities may give in one document: they are bounded, so they cannot multiply. */
  readonly entityExpansion: number;
  /** Characters of one text, attribute value, comment, CDATA section or name. */
  readonly textLength: number;
  readonly attributeCount: number;
  readonly depth: number;
  /** Characters that the mapped paths of one record keep. */
  readonly recordSize: number;
  /** Bytes of XML, after decompression. */
  readonly documentSize: number;
}

/** A record is held in memory once; the document only passes through it. */
export const DEFAULT_LIMITS: Limits = {
  entityLength: 1024,
  entityExpansion: 1024 * 1024,
  textLength: 16 * 1024 * 1024,
  attributeCount: 1024,
  depth: 256,
  recordSize: 32 * 1024 * 1024,
  documentSize: 64 * 1024 * 1024 * 1024,
};
