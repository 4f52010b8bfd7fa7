/**
 * Reads rows of CSV text by RFC 4180 as our files have it, until there are `most`; a row that the text ends in the middle of is left out.
 * The text may begin and end anywhere that a row does. An unquoted `nullText` is null.
 */
export const parseCsv = (
  text: string,
  nullText: string,
  most: number,
): readonly (readonly (string | null)[])[] => {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  // A field, quoted or not, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/y;
  for (;;) {
    const found = rows.length < most ? field.exec(text) : null;
    if (found === null) return rows;
    const [, quoted, plain = '', end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? (plain === nullText ? null : plain));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
};
