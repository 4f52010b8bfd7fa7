import { describe, expect, test } from 'vitest';
import { admitQuery, admitStatement } from '../../../../infra/local/redshift/sql/gate.ts';

const COPY = `COPY "stage" ("a", "_batch") FROM 's3://bucket/loads/f/1/t.manifest' IAM_ROLE 'arn:aws:iam::123456789012:role/copy'`;

const TAKEN: readonly string[] = [
  'SET statement_timeout TO 3600000',
  'LOCK "millrace"."mutex_a", "millrace"."mutex_b"',
  'UPDATE "millrace"."mutex_a" SET loads = loads + 1',
  'UPDATE t SET a = s.a FROM s WHERE t.k = s.k',
  'CREATE SCHEMA IF NOT EXISTS "ewm"',
  'CREATE TABLE IF NOT EXISTS a.t (k BIGINT NOT NULL, v VARCHAR(max) ENCODE zstd, PRIMARY KEY (k)) DISTSTYLE KEY DISTKEY (k) COMPOUND SORTKEY (k)',
  'CREATE TABLE t (a SMALLINT DEFAULT -1, b DECIMAL(38,10), c DOUBLE PRECISION, d CHAR(3), e TIMESTAMP WITH TIME ZONE, f SUPER, g TEXT, h BOOL)',
  'CREATE TEMP TABLE s (LIKE a.t INCLUDING DEFAULTS)',
  'CREATE TEMP TABLE p AS SELECT a, ROW_NUMBER() OVER (PARTITION BY k ORDER BY a DESC) AS n FROM t',
  'CREATE TEMP TABLE q AS SELECT CAST(NULL AS BIGINT) AS a UNION ALL SELECT 1',
  'ALTER TABLE a.t ADD COLUMN "x" VARCHAR(10)',
  'ALTER TABLE a.t ADD COLUMN x BOOLEAN NOT NULL DEFAULT false ENCODE raw',
  `${COPY} MANIFEST CSV ZSTD NULL AS '\u0001' DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF STATUPDATE OFF`,
  `${COPY} FORMAT AS CSV MANIFEST ZSTD REGION 'eu-central-1'`,
  'INSERT INTO t (a, b) SELECT a, COUNT(*) FROM s GROUP BY a HAVING COUNT(*) > 1',
  "INSERT INTO t VALUES (1, 'a'), (2, 'it''s')",
  'DELETE FROM a.t USING p WHERE t.k = p.k AND p.n <> 1',
  'DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.k = t.k)',
  'MERGE INTO t USING s ON t.k = s.k AND t.l = s.l WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (k, a) VALUES (s.k, s.a)',
  'GRANT SELECT ON TABLE a.t, "b"."u" TO GROUP "analysts"',
  'GRANT USAGE ON SCHEMA a, b TO ROLE reader, bi, PUBLIC',
  'CREATE OR REPLACE VIEW a.v AS SELECT l.a AS a FROM "b"."l" l GROUP BY l.a WITH NO SCHEMA BINDING',
  'CREATE VIEW a.v (x) AS SELECT a FROM t',
  'DELETE FROM a.t USING p WHERE t.k = p.k AND NOT EXISTS (SELECT 1 FROM s WHERE s.k = t.k AND s.n = p.n)',
  'UPDATE t SET a = (SELECT MAX(s.n) FROM s WHERE s.k = t.k)',
  'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k UNION ALL SELECT 2 FROM u WHERE u.k = t.k)',
  'SELECT a FROM t WHERE t.k IN (SELECT MAX(s.n) FROM s WHERE s.m = t.m GROUP BY s.k)',
  'SELECT a FROM t JOIN s ON t.k = s.k AND s.n = (SELECT MAX(u.n) FROM u WHERE u.k = s.k)',
  'SELECT d.n FROM (SELECT t.k, ROW_NUMBER() OVER (PARTITION BY t.k ORDER BY t.a) AS n FROM t) d LEFT JOIN s ON s.k = d.k AND s.n = (SELECT MAX(u.n) FROM u)',
  'SELECT t.k, (SELECT COUNT(*) FROM s WHERE s.k = t.k) AS n FROM t GROUP BY t.k',
  'DROP VIEW IF EXISTS a.v',
  'DROP TABLE IF EXISTS a.t',
  'SELECT a, SUM(b) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING) FROM t WHERE a ILIKE $1$'.replace(
    '$1$',
    "'x%'",
  ),
  "WITH w AS (SELECT 1 AS a) SELECT DISTINCT w.a, GETDATE(), NVL(w.a, 2), CASE WHEN a = 1 THEN 'x' END FROM w ORDER BY 1 LIMIT 5 OFFSET 2;",
  "SELECT EXTRACT(year FROM d), TRIM(a), CAST(b AS DECIMAL(4,2)), c::varchar(20), DATE '2024-01-01', CURRENT_DATE FROM t",
  'SELECT table_name FROM svv_tables ORDER BY 1',
  'SELECT a FROM t -- a comment; with a semicolon\n /* and another */ WHERE b IN (SELECT b FROM s)',
  'SELECT "A" FROM "T"',
  "CREATE OR REPLACE PROCEDURE a.p() AS $$\nBEGIN\nEXECUTE 'UPDATE t SET a = ''it''''s $' || '$ as well''';\nEND;\n$$ LANGUAGE plpgsql",
  'CREATE PROCEDURE p() AS $$ BEGIN END; $$ LANGUAGE plpgsql;',
  'CALL "a"."p"()',
  'DROP PROCEDURE a.p()',
  'CREATE TABLE t ("check" INT, "foreign" INT, "constraint" INT NOT NULL, "identity" INT, "collate" INT)',
];

/** What is refused, and a word of the reason. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', /ON CONFLICT is not Redshift SQL.*r_INSERT_30/],
  ['INSERT INTO t VALUES (1) RETURNING a', /RETURNING/],
  ['DELETE FROM t RETURNING a', /RETURNING.*r_DELETE/],
  ['DELETE FROM t AS x WHERE x.a = 1', /alias/],
  ['DELETE FROM t USING (SELECT 1 AS a) s WHERE t.a = s.a', /USING/],
  ['WITH w AS (SELECT 1) INSERT INTO t SELECT * FROM w', /WITH before INSERT/],
  ['SELECT DISTINCT ON (a) a FROM t', /DISTINCT ON/],
  ['SELECT * FROM t, LATERAL (SELECT 1) s', /LATERAL/],
  ['SELECT COUNT(*) FILTER (WHERE a = 1) FROM t', /FILTER/],
  ['SELECT a IS NOT DISTINCT FROM b FROM t', /DISTINCT FROM/],
  ['SELECT * FROM generate_series(1, 3)', /function in FROM/],
  ['SELECT generate_series(1, 3)', /generate_series/],
  ['SELECT NOW()', /Redshift has no function now/],
  ["SELECT SOUNDEX('a')", /not known to the local warehouse: the function soundex/],
  ["SELECT a -> 'b' FROM t", /operator ->/],
  ['SELECT jsonb_build_object(1, 2)', /jsonb_build_object/],
  ["SELECT string_agg(a, ',') FROM t", /string_agg/],
  ['SELECT ARRAY[1, 2]', /array/],
  ['SELECT ROW(1, 2)', /row constructor/],
  ['SELECT a = ANY(b) FROM t', /ANY/],
  ['SELECT * FROM (VALUES (1)) v(a)', /VALUES as a table/],
  ['VALUES (1)', /VALUES as a table/],
  ['SELECT * FROM t FOR UPDATE', /FOR UPDATE/],
  ['SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY a)', /WINDOW/],
  ['SELECT SUM(a) OVER (ORDER BY b) FROM t', /without a frame/],
  ['SELECT SUM(a) OVER (ORDER BY b RANGE UNBOUNDED PRECEDING) FROM t', /ROWS/],
  ['SELECT 1 FROM (SELECT 1)', /alias/],
  ['SHOW TABLES', /FROM SCHEMA: write SHOW TABLES FROM SCHEMA/],
  ['SHOW TABLES FROM SCHEMA a LIMIT 10001', /LIMIT of 0 to 10000, got 10001/],
  ['SHOW TABLES FROM SCHEMA a WHERE b', /syntax error at or near "WHERE"/],
  ['SHOW search_path', /not known to the local warehouse: SHOW search_path/],
  ['SELECT a::uuid FROM t', /uuid/],
  ['SELECT a::int[] FROM t', /array type/],
  ['SELECT CURRENT_TIMESTAMP', /getdate/],
  ['SELECT * FROM pg_class', /pg_class but for who owns what/],
  ['SELECT relpages FROM pg_class', /pg_class but for who owns what/],
  ['SELECT relname FROM pg_class, t', /c_join_PG/],
  ['ALTER USER u CREATEDB', /CREATE USER … CREATEDB/],
  ['GRANT SELECT ON DATABASE d TO u', /GRANT SELECT ON DATABASE/],
  ['SELECT * FROM pg_catalog.pg_class', /pg_class/],
  ['SELECT * FROM information_schema.columns', /svv_columns/],
  ['SELECT * FROM millrace_system.statement_outcome', /millrace_system/],
  ['SELECT * FROM svv_tables, t', /svv_tables together with t/],
  ['INSERT INTO t SELECT table_name FROM svv_tables', /svv_tables/],
  ['DELETE FROM sys_load_error_detail', /sys_load_error_detail/],
  ['SELECT a INTO b FROM t', /SELECT INTO/],
  ["SELECT E'a'", /prefix E/],
  ["SELECT 'a\\b'", /backslash/],
  ['SELECT $$a$$', /dollar/],
  ["CREATE PROCEDURE p() AS 'BEGIN END;' LANGUAGE plpgsql", /within one pair of \$\$ is not Redshift SQL/],
  ['CREATE PROCEDURE p() AS $$ BEGIN END; $$ LANGUAGE sql', /at or near "sql"/],
  ['CREATE PROCEDURE p() AS $$ BEGIN END; $$', /end of input in CREATE PROCEDURE/],
  ['CREATE PROCEDURE p() AS $$ BEGIN $$ LANGUAGE plpgsql', /end of input in a procedure/],
  ['CREATE PROCEDURE p() AS $$ BEGIN END; END; $$ LANGUAGE plpgsql', /at or near "END"/],
  ['CREATE PROCEDURE p(a INT) AS $$ BEGIN END; $$ LANGUAGE plpgsql', /parameters of a procedure/],
  ['CREATE PROCEDURE p() NONATOMIC AS $$ BEGIN END; $$ LANGUAGE plpgsql', /NONATOMIC/],
  ['CREATE PROCEDURE p() AS $$ DECLARE a INT; BEGIN END; $$ LANGUAGE plpgsql', /DECLARE before the BEGIN/],
  [
    'CREATE PROCEDURE p() AS $$ BEGIN UPDATE t SET a = 1; END; $$ LANGUAGE plpgsql',
    /UPDATE as a statement of/,
  ],
  [
    "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'SELECT 1'; END; $$ LANGUAGE plpgsql",
    /kind query in a procedure/,
  ],
  ["CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'COMMIT'; END; $$ LANGUAGE plpgsql", /transaction statement/],
  [
    "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'SET statement_timeout TO 1'; END; $$ LANGUAGE plpgsql",
    /timeout/,
  ],
  [
    `CREATE PROCEDURE p() AS $$ BEGIN EXECUTE '${COPY.replaceAll("'", "''")} MANIFEST CSV ZSTD'; END; $$ LANGUAGE plpgsql`,
    /kind copy in a procedure/,
  ],
  [
    "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'DELETE FROM t AS x WHERE x.a = 1'; END; $$ LANGUAGE plpgsql",
    /alias.*r_DELETE/,
  ],
  [
    `CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'DELETE FROM t WHERE a = ''${'x'.repeat(65_536)}'''; END; $$ LANGUAGE plpgsql`,
    /EXECUTE of a text of 65\d+ bytes is not Redshift SQL/,
  ],
  ['CALL p(1)', /parameters of a procedure/],
  ['CALL p', /end of input/],
  ['DROP PROCEDURE IF EXISTS p()', /r_DROP_PROCEDURE/],
  ['SELECT 1; SELECT 2', /one SQL statement/],
  ['', /empty/],
  ['SELEC 1', /syntax error at or near "selec"/i],
  [
    'MERGE INTO t AS x USING s ON x.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k)',
    /alias/,
  ],
  [
    'MERGE INTO t USING s ON t.k = s.k WHEN MATCHED AND s.a = 1 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k)',
    /AND in a WHEN/,
  ],
  ['MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE', /exactly one/],
  [
    'MERGE INTO t USING s ON t.k = s.k WHEN NOT MATCHED THEN INSERT VALUES (s.k) WHEN MATCHED THEN DELETE',
    /exactly one/,
  ],
  [
    'MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT VALUES (s.k)',
    /exactly one/,
  ],
  [
    'MERGE INTO t USING s ON t.k > s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k)',
    /equality/,
  ],
  [
    'MERGE INTO t USING (SELECT 1 AS k) s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k)',
    /not a table/,
  ],
  [
    'MERGE INTO t USING t ON t.k = t.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)',
    /its own target/,
  ],
  ['LOCK t IN SHARE MODE', /MODE/],
  ['SET search_path TO a', /SET search_path/],
  ["SET statement_timeout TO '1s'", /milliseconds/],
  ['TRUNCATE t', /TRUNCATE in a transaction/],
  ['ALTER TABLE t APPEND FROM s', /APPEND/],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT', /IF NOT EXISTS/],
  ['ALTER TABLE t ADD COLUMN a INT NOT NULL', /without a default/],
  ['ALTER TABLE t ADD COLUMN a INT, ADD COLUMN b INT', /syntax error at or near ","/],
  ['ALTER TABLE t ALTER COLUMN a TYPE varchar(300)', /inside a transaction block/],
  ['ALTER TABLE t ALTER COLUMN a TYPE bigint', /TYPE bigint/],
  ['ALTER TABLE t RENAME COLUMN a TO b', /RENAME column/i],
  ['CREATE TABLE t (a JSONB)', /jsonb/],
  ['CREATE TABLE t (a SERIAL)', /serial/],
  ['CREATE TABLE t (a INT[])', /syntax error/],
  ['CREATE TABLE t (a VARCHAR(65536))', /varchar\(65536\)/],
  ['CREATE TABLE t (a DECIMAL(39,0))', /numeric\(39,0\)/],
  ['CREATE TABLE t (a INT CHECK (a > 0))', /syntax error|check/],
  ['CREATE TABLE t (a INT REFERENCES s)', /REFERENCES/i],
  ['CREATE TABLE t (xmin INT)', /xmin/],
  ['CREATE TABLE t (a INT ENCODE gzip)', /gzip/],
  ['CREATE TABLE t (a INT ENCODE auto)', /auto/],
  ['CREATE TABLE t (a INT ENCODE text255)', /text255 of integer/],
  ['CREATE TABLE t (a VARCHAR(9) ENCODE az64)', /az64/],
  ['CREATE TABLE t (a SUPER SORTKEY)', /SUPER/],
  ['CREATE TABLE t (a INT) SORTKEY (b)', /"b" named in key/],
  ['CREATE TABLE t (a INT) PARTITION BY RANGE (a)', /syntax error/],
  ['CREATE TEMP TABLE a.t (b INT)', /schema of the temporary table/],
  ['CREATE INDEX i ON t (a)', /CREATE INDEX/],
  ['CREATE VIEW v AS SELECT a FROM t WITH NO SCHEMA BINDING', /table t without its schema.*r_CREATE_VIEW/],
  ['CREATE VIEW v AS SELECT a FROM t WITH CHECK OPTION', /CHECK OPTION/],
  ['CREATE TEMP VIEW v AS SELECT 1 AS a', /TEMP/],
  ['CREATE VIEW v WITH (security_barrier) AS SELECT 1 AS a', /ViewStmt.options/],
  ['CREATE MATERIALIZED VIEW v AS SELECT 1 AS a', /MATERIALIZED/],
  ['DROP SCHEMA a', /DROP/],
  ['BEGIN', /transaction statement/],
  ['COMMIT', /transaction statement/],
  ['VACUUM t', /VacuumStmt/],
  ['GRANT SELECT ON SCHEMA a TO u', /GRANT SELECT ON SCHEMA is not Redshift SQL.*r_GRANT/],
  ['GRANT USAGE ON TABLE a.t TO u', /GRANT USAGE ON TABLE/],
  ['GRANT SELECT ON ALL TABLES IN SCHEMA a TO u', /ON ALL/],
  ['GRANT SELECT ON t TO u WITH GRANT OPTION', /WITH GRANT OPTION/],
  ['GRANT SELECT ON t', /end of input in GRANT/],
  ['REVOKE SELECT ON t FROM u', /Grant/],
  [`SELECT "${'x'.repeat(64)}" FROM t`, /64 bytes.*Redshift 127/],
  [`SELECT "${'x'.repeat(128)}" FROM t`, /128 bytes.*r_names/],
  [COPY, /without MANIFEST/],
  [`${COPY} MANIFEST CSV`, /without ZSTD/],
  [`${COPY} MANIFEST CSV ZSTD MAXERROR 5`, /MAXERROR/],
  [`${COPY} MANIFEST CSV ZSTD IGNOREHEADER 1`, /IGNOREHEADER/],
  [`${COPY} MANIFEST CSV ZSTD TIMEFORMAT 'epochsecs'`, /TIMEFORMAT/],
  [`${COPY} MANIFEST CSV ZSTD NULL AS '\\001'`, /NULL AS/],
  [`${COPY} MANIFEST CSV CSV ZSTD`, /twice/],
  ["COPY t FROM 's3://bucket/k' IAM_ROLE 'me' MANIFEST CSV ZSTD", /Invalid credentials/],
  ["COPY t FROM '/dev/blob' IAM_ROLE default MANIFEST CSV ZSTD", /invalid S3 path/],
  ["UNLOAD ('select 1') TO 's3://bucket/k'", /UNLOAD/],
];

describe('the SQL gate', () => {
  test.each(TAKEN)('takes %s', async (sql) => {
    await expect(admitStatement(sql, { isInTransaction: true })).resolves.toBeDefined();
  });

  test.each(REFUSED)('refuses %s', async (sql, reason) => {
    await expect(admitStatement(sql, { isInTransaction: true })).rejects.toThrow(reason);
  });

  test('widens a varchar outside a transaction', async () => {
    const admitted = await admitStatement('ALTER TABLE a.t ALTER COLUMN v TYPE VARCHAR(300)', {
      isInTransaction: false,
    });
    expect(admitted.kind).toBe('alter');
  });

  test('lets people read and nothing else', async () => {
    expect(await admitQuery('SELECT 1')).toBe('SELECT 1');
    await expect(admitQuery('DELETE FROM t')).rejects.toThrow('anything but SELECT');
  });

  test('folds identifiers to lower case even in quotes, and leaves strings alone', async () => {
    expect(await admitQuery(`SELECT "Some Name" FROM "T" WHERE a = 'X "Y"'`)).toBe(
      `SELECT "some name" FROM "t" WHERE a = 'X "Y"'`,
    );
  });
});
