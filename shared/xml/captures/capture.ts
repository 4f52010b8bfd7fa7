import type { Found } from '../../values/found.ts';
import type { Attribute } from '../attributes.ts';
import type { Scope } from '../names.ts';

/** All that is in an element, kept while the walk goes through it. */

/** A start tag. */
export interface Tag {
  /** As it is written, with its prefix. */
  readonly name: string;
  readonly raw: Readonly<Record<string, string>> | undefined;
  /** Those of `raw` with their namespaces; declarations are not among them. */
  readonly attributes: readonly Attribute[];
  /** Namespaces in scope from it on. */
  readonly scope: Scope;
}

/** It is told of the element itself first, then of all that is in it; the last thing is the element's own end. */
export interface Capture {
  open(tag: Tag): void;
  text(text: string): void;
  close(): void;
  /** Once the element has closed. */
  value(): Found;
  /** What it holds so far: characters, and a cost for each thing kept apart. */
  size(): number;
}

/** What a column keeps of all that is in an element. */
export interface CaptureForm {
  readonly kind: 'text' | 'xml' | 'json';
  /** White space around texts is taken off, where the form keeps several. */
  readonly trims: boolean;
}
