/** Pages of the Redshift Database Developer Guide that the rules stand on. */
export const GUIDE = 'https://docs.aws.amazon.com/redshift/latest/dg/';

/** Thrown for SQL that Redshift refuses, by the page that says so, or that the local warehouse does not know. */
export class SqlRefused extends Error {
  override readonly name = 'SqlRefused';
}

/** Redshift does not take it: `what` names the construct, `page` is the guide's page without its suffix. */
export const redshiftRefuses = (what: string, page: string): SqlRefused =>
  new SqlRefused(`${what} is not Redshift SQL; see ${GUIDE}${page}.html`);

/** Redshift may take it and the local warehouse does not, so that nothing is run differently from there in silence. */
export const notKnownHere = (what: string): SqlRefused =>
  new SqlRefused(`not known to the local warehouse: ${what}`);

/** The statement breaks off or goes on where the grammar of `statement` has no such word. */
export const unexpectedToken = (
  statement: string,
  token: { readonly text: string; readonly start: number },
) =>
  new SqlRefused(
    token.text === ''
      ? `syntax error at end of input in ${statement}`
      : `syntax error at or near "${token.text}" (character ${token.start + 1}) in ${statement}`,
  );
