/** Each EXECUTE of a procedure that a load makes. */
export const EXECUTE = /^EXECUTE '(.*?)';$/gms;

/** What a procedure that is made here executes; undefined of other statements. */
export const executesOf = (sql: string): readonly string[] | undefined =>
  sql.startsWith('CREATE OR REPLACE PROCEDURE ')
    ? [...sql.matchAll(EXECUTE)].map(([, text = '']) =>
        text.replaceAll("$' || '$", '$$').replaceAll("''", "'"),
      )
    : undefined;
