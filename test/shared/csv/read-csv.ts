/** Reads CSV by RFC 4180, telling an unquoted marker of null from a quoted one. */
export const readCsv = (text: string, nullText: string): (string | null)[][] => {
  const rows: (string | null)[][] = [];
  let at = 0;
  const field = (): string | null => {
    if (text[at] !== '"') {
      const end = text.slice(at).search(/[,\n]/);
      const plain = text.slice(at, at + end);
      at += end;
      return plain === nullText ? null : plain;
    }
    let value = '';
    for (at += 1; ; at += 1) {
      if (text[at] === '"' && text[at + 1] !== '"') break;
      if (text[at] === '"') at += 1;
      value += text[at];
    }
    at += 1;
    return value;
  };
  while (at < text.length) {
    const row: (string | null)[] = [];
    do {
      if (row.length > 0) at += 1;
      row.push(field());
    } while (text[at] === ',');
    at += 1;
    rows.push(row);
  }
  return rows;
};
