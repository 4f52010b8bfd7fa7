/** The streaming subset of XPath 1.0 that feeds use: what a path is once it has been read. */

/** Which elements a step matches. A name without a prefix is in the default namespace, or in none. */
export type NameTest =
  | { readonly kind: 'name'; readonly prefix?: string; readonly local: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'anyNamespace'; readonly local: string };

export type Predicate =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'attribute'; readonly name: NameTest; readonly value: string }
  | { readonly kind: 'child'; readonly name: NameTest; readonly value: string };

export interface Step {
  readonly name: NameTest;
  readonly predicates: readonly Predicate[];
}

/** What a path yields of the element that its steps lead to. */
export type PathEnd =
  | { readonly kind: 'element' }
  | { readonly kind: 'text' }
  | { readonly kind: 'attribute'; readonly name: NameTest };

export interface Path {
  /** The path as it was written. */
  readonly text: string;
  readonly isAbsolute: boolean;
  /** How many `..` steps a relative path starts with. */
  readonly ups: number;
  readonly steps: readonly Step[];
  readonly end: PathEnd;
}
