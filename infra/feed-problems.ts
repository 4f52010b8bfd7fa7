/** Thrown when feed files are wrong or missing: one line a problem, `file:line:column: message` where there is a place. */
export class FeedProblems extends Error {
  override readonly name = 'FeedProblems';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}
