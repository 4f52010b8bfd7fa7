/** A time that was read, and what a way of writing times is. */

export interface ParsedTime {
  /** Epoch milliseconds; without an offset in the text, as if it were UTC. */
  readonly ms: number;
  /** What the text has beyond milliseconds, 0 to 999 microseconds. */
  readonly micros: number;
  /** Whether the text says which instant it is: an offset, a closing 'Z', an epoch. */
  readonly hasOffset: boolean;
  /** Minutes ahead of UTC of the clock that the text shows; 0 without an offset. */
  readonly offsetMinutes: number;
}

export interface TimeFormat {
  /** The smallest difference that the format can write, in milliseconds. */
  readonly unitMs: number;
  /** Whether a text of the format says which instant it is. */
  readonly hasOffset: boolean;
  /** The text of a time, cut down to the unit, in UTC. */
  format(ms: number): string;
  /** The time of a text; undefined where the text is not exactly of the format, or no such day exists. */
  parse(text: string): ParsedTime | undefined;
}
