/** What one document may cost at most; each limit's name stands in the message of its XmlLimitExceeded. */
export interface Limits {
  /** Characters of the document type declaration. */
  readonly dtdLength: number;
  /** Characters between `&` and `;`, and of an internal entity's replacement text. */
  readonly entityLength: number;
  /**
   * What a document may gain by its own declarations: characters and expansions of entities, and defaulted attributes, beyond the
   * characters of the references and tags that ask for them. `amplification` times what was read so far may be gained besides.
   */
  readonly entityExpansion: number;
  readonly amplification: number;
  /** Characters of text between one tag and the next (white space around the root and text that nobody reads too), of all attribute values of one start tag, of a comment. */
  readonly textLength: number;
  /** Characters of one name, and of the URI of a namespace. */
  readonly nameLength: number;
  readonly attributeCount: number;
  /** Bindings of prefixes in scope at one element. */
  readonly namespaceCount: number;
  readonly depth: number;
  /** Elements that paths with `//` lead through and that are open at once, each as often as it counts in a row. */
  readonly openMatches: number;
  /** Characters that the mapped paths of one record keep. */
  readonly recordSize: number;
  /** Bytes of XML, after decompression. */
  readonly documentSize: number;
  /** How many times its compressed size a document may be, once it is larger than `compressionFree` bytes. */
  readonly compressionRatio: number;
  readonly compressionFree: number;
}

/** A record is held in memory once; the document only passes through it. */
export const DEFAULT_LIMITS: Limits = {
  dtdLength: 1024 * 1024,
  entityLength: 1024,
  entityExpansion: 1024 * 1024,
  amplification: 16,
  textLength: 16 * 1024 * 1024,
  nameLength: 1024,
  attributeCount: 1024,
  namespaceCount: 1024,
  depth: 256,
  openMatches: 4096,
  recordSize: 32 * 1024 * 1024,
  documentSize: 64 * 1024 * 1024 * 1024,
  compressionRatio: 200,
  compressionFree: 64 * 1024 * 1024,
};
