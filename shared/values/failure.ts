/** Why a value is not of its column's type: data, not an exception. */
export interface Failure {
  readonly reason: string;
}

/** A typed value in canonical text, or why there is none. */
export type Typed = string | Failure;

export const fail = (reason: string): Failure => ({ reason });

/** Quotes a value for a reason, cut short. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
