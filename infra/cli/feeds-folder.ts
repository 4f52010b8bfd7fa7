/** Thrown when feed files are wrong: one line a problem, `file:line:column: message`. Exit status 2. */
export class FeedProblems extends Error {
  override readonly name = 'FeedProblems';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}
