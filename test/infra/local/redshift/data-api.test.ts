import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redshiftDataQuery } from '../../../../handlers/adapters/redshift-data-query.ts';
import { type ObjectsServer, startObjectsServer } from './objects-server.ts';
import { type RunningWarehouse, startWarehouse, TARGET } from './start-warehouse.ts';

/** A new database takes 3 s on a quiet machine. */
const START_MS = 120_000;

const ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/copy'";
const OPTIONS =
  "MANIFEST CSV ZSTD NULL AS '\u0001' DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF STATUPDATE OFF";
const copy = (table: string, manifest: string): string =>
  `COPY ${table} FROM 's3://bucket/${manifest}' ${ROLE} ${OPTIONS}`;

let warehouse: RunningWarehouse;
let objects: ObjectsServer;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'warehouse-'));
  objects = await startObjectsServer();
  warehouse = await startWarehouse(dir, objects.url);
}, START_MS);

afterAll(async () => {
  await warehouse.child.stop();
  objects.close();
  rmSync(dir, { recursive: true });
});

describe('a request', () => {
  test('keeps a leading U+FEFF, numbers and all digits of long ones for a client of the SDK', async () => {
    const query = redshiftDataQuery(warehouse.client, {
      workgroupName: TARGET.WorkgroupName,
      database: TARGET.Database,
    });
    const long = '-9223372036854775807';
    const text = '{"longValue":9007199254740993}';
    const sql = `SELECT 7::bigint, CHR(65279), ${long}::bigint, '${text}'`;
    const { rows } = await query(sql, new AbortController().signal);
    expect(rows).toEqual([[7, '\ufeff', long, text]]);
  });

  test('that names no table or column of the warehouse is told the nearest', async () => {
    await warehouse.execute('CREATE TABLE near_by (summary INT)');
    const errorOf = async (sql: string) => (await warehouse.execute(sql)).Error;
    expect(await errorOf('SELECT 1 FROM near_bye')).toMatch(
      /"near_bye" does not exist, the nearest is public\.near_by$/,
    );
    expect(await errorOf('SELECT sumary FROM near_by')).toMatch(
      /does not exist, the nearest is summary of public\.near_by$/,
    );
    // What only the table of before a rebuild has.
    await warehouse.execute('CREATE TABLE "near_by$old" (summary INT, note INT, sumarry INT)');
    expect(await errorOf('SELECT n.note FROM near_by n')).toMatch(
      /column n\.note does not exist: note is a column of public\.near_by\$old$/,
    );
    expect(await errorOf('SELECT sumarry FROM near_by')).toMatch(
      /does not exist, the nearest is summary of public\.near_by; sumarry is a column of public\.near_by\$old$/,
    );
    expect(await errorOf('SELECT sumary FROM near_by')).toMatch(
      /does not exist, the nearest is summary of public\.near_by$/,
    );
    expect(await errorOf('SELECT 1 FROM quite_another_thing')).toMatch(/does not exist$/);
  });

  test('answers typed values, their types and the row count', async () => {
    const done = await warehouse.execute(
      "SELECT CAST(7 AS BIGINT) AS n, CAST(0.5 AS REAL) AS r, 'x' AS s, TRUE AS b, NULL AS nothing, CAST('2024-05-22 12:12:50.351+02' AS TIMESTAMPTZ) AS t, CAST(1.50 AS DECIMAL(4,2)) AS d",
    );
    expect(done).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1 });
    const { Records, ColumnMetadata, TotalNumRows } = await warehouse.client.send(
      new GetStatementResultCommand({ Id: done.Id }),
    );
    expect(Records).toEqual([
      [
        { longValue: 7 },
        { doubleValue: 0.5 },
        { stringValue: 'x' },
        { booleanValue: true },
        { isNull: true },
        { stringValue: '2024-05-22 10:12:50.351+00' },
        { stringValue: '1.50' },
      ],
    ]);
    expect(ColumnMetadata?.map((column) => `${column.name} ${column.typeName}`).slice(0, 4)).toEqual([
      'n int8',
      'r float4',
      's varchar',
      'b bool',
    ]);
    expect(TotalNumRows).toBe(1);
  });

  test('runs a batch as one transaction and says what each statement did', async () => {
    const done = await warehouse.batch(
      [
        'CREATE SCHEMA a',
        'CREATE TABLE a.t (k INT, v VARCHAR(4))',
        "INSERT INTO a.t VALUES (1, 'one'), (2, 'two')",
        'DELETE FROM a.t WHERE k = 2',
        'SELECT k FROM a.t',
      ],
      'load/f/1',
    );
    expect(done.Status).toBe('FINISHED');
    expect(done.SubStatements?.map((part) => part.ResultRows)).toEqual([-1, -1, 2, 1, 1]);
    const last = await warehouse.client.send(new GetStatementResultCommand({ Id: `${done.Id}:5` }));
    expect(last.Records).toEqual([[{ longValue: 1 }]]);
    await expect(
      warehouse.client.send(new GetStatementResultCommand({ Id: `${done.Id}:1` })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('rolls a batch back as a whole and says which statement failed', async () => {
    const done = await warehouse.batch([
      'CREATE TABLE gone (k INT)',
      'INSERT INTO gone VALUES (1)',
      "INSERT INTO gone SELECT CAST('batch b staged 1 rows' AS BIGINT)",
      'SELECT 1',
    ]);
    expect(done.Status).toBe('FAILED');
    expect(done.Error).toMatch(/^Query #3 failed with ERROR: .*batch b staged 1 rows/);
    expect(done.SubStatements?.map((part) => part.Status)).toEqual([
      'FINISHED',
      'FINISHED',
      'FAILED',
      'ABORTED',
    ]);
    expect(await warehouse.rows("SELECT table_name FROM svv_tables WHERE table_name = 'gone'")).toEqual([]);
  });

  test('drops temporary tables when it ends', async () => {
    const create = ['CREATE TEMP TABLE stage (k INT)', 'INSERT INTO stage VALUES (1)'];
    expect((await warehouse.batch(create)).Status).toBe('FINISHED');
    expect((await warehouse.batch(create)).Status).toBe('FINISHED');
    expect((await warehouse.execute('SELECT * FROM stage')).Error).toContain('does not exist');
  });

  test('with a token of the last 8 hours is the one that had it first', async () => {
    const input = { ...TARGET, Sqls: ['CREATE TABLE once (k INT)'], ClientToken: 'f-1-1' };
    const first = await warehouse.client.send(new BatchExecuteStatementCommand(input));
    const second = await warehouse.client.send(new BatchExecuteStatementCommand(input));
    expect(second.Id).toBe(first.Id);
  });

  test('sends its completion event, whatever became of it', async () => {
    const done = await warehouse.batch(['SELECT 1 / 0'], 'load/f/2/1');
    await warehouse.child.flush();
    const event = warehouse.events.find(({ detail }) => detail.statementId === done.Id);
    expect(event).toMatchObject({
      source: 'aws.redshift-data',
      'detail-type': 'Redshift Data Statement Status Change',
      detail: { statementName: 'load/f/2/1', state: 'FAILED' },
    });
  });

  test('is found by the beginning of its name, the finished ones by default', async () => {
    await warehouse.batch(['SELECT 1'], 'list/one');
    await warehouse.batch(['SELECT no_such_column'], 'list/two');
    const names = async (Status?: 'ALL'): Promise<unknown> => {
      const { Statements } = await warehouse.client.send(
        new ListStatementsCommand({ StatementName: 'list/', ...(Status === undefined ? {} : { Status }) }),
      );
      return Statements?.map((statement) => statement.StatementName);
    };
    expect(await names()).toEqual(['list/one']);
    expect(await names('ALL')).toEqual(['list/two', 'list/one']);
  });

  test('may be cancelled while it runs and before, and not when it has ended', async () => {
    await warehouse.execute('CREATE TABLE held (k INT)');
    objects.putManifest('held.manifest', ['held.csv.zst']);
    objects.putCsv('held.csv.zst', '1\n');
    const { reached, release } = objects.hold('held.csv.zst');
    const submit = async (sql: string): Promise<string | undefined> =>
      (await warehouse.client.send(new BatchExecuteStatementCommand({ ...TARGET, Sqls: [sql] }))).Id;
    const running = await submit(copy('held', 'held.manifest'));
    const waiting = await submit('CREATE TABLE cancelled (k INT)');
    await reached;
    const before = await warehouse.client.send(new DescribeStatementCommand({ Id: running }));
    expect(before.Status).toBe('STARTED');
    for (const Id of [running, waiting]) await warehouse.client.send(new CancelStatementCommand({ Id }));
    release();
    for (const Id of [running, waiting]) {
      const done = await warehouse.client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
      expect(done).toMatchObject({ Status: 'ABORTED', Error: "Query cancelled on user's request" });
    }
    expect(await warehouse.rows('SELECT COUNT(*) FROM held')).toEqual([[0]]);
    await expect(warehouse.client.send(new CancelStatementCommand({ Id: running }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test.each([
    [
      'a workgroup that is not there',
      { ...TARGET, WorkgroupName: 'other', Sqls: ['SELECT 1'] },
      /other; there is local/,
    ],
    ['a database that is not there', { ...TARGET, Database: 'prod', Sqls: ['SELECT 1'] }, /prod/],
    ['41 statements', { ...TARGET, Sqls: Array.from({ length: 41 }, () => 'SELECT 1') }, /Sqls/],
    ['a statement over 100 KB', { ...TARGET, Sqls: [`SELECT '${'x'.repeat(100_000)}'`] }, /100000/],
    [
      'a name over 2,048',
      { ...TARGET, Sqls: ['SELECT 1'], StatementName: 'n'.repeat(2049) },
      /StatementName/,
    ],
    ['parameters', { ...TARGET, Sqls: ['SELECT 1'], Parameters: [{ name: 'a', value: 'b' }] }, /Parameters/],
  ])('is refused for %s', async (_, input, reason) => {
    const sent = warehouse.client.send(new BatchExecuteStatementCommand(input));
    await expect(sent).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(reason),
    });
  });

  test('of another call of the Data API is refused by its name', async () => {
    await expect(
      warehouse.client.send(new DescribeTableCommand({ ...TARGET, Table: 't' })),
    ).rejects.toMatchObject({ message: expect.stringContaining('DescribeTable') });
  });

  test('of an unknown id is not found', async () => {
    const Id = '00000000-0000-4000-8000-000000000000';
    await expect(warehouse.client.send(new DescribeStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      ResourceId: Id,
    });
  });
});

describe('values', () => {
  test('of varchar are measured in bytes, and a varchar gets wider by a statement of its own', async () => {
    await warehouse.execute('CREATE TABLE bytes (v VARCHAR(4))');
    const insert = "INSERT INTO bytes VALUES ('ééé')";
    expect((await warehouse.execute(insert)).Error).toBe(
      'ERROR: value too long for type character varying(4)',
    );
    expect((await warehouse.execute('ALTER TABLE bytes ALTER COLUMN v TYPE VARCHAR(6)')).Status).toBe(
      'FINISHED',
    );
    expect((await warehouse.execute(insert)).Status).toBe('FINISHED');
    expect((await warehouse.execute('ALTER TABLE bytes ALTER COLUMN v TYPE VARCHAR(5)')).Error).toContain(
      'varchar(6)',
    );
    expect(
      await warehouse.rows(
        "SELECT data_type, character_maximum_length FROM svv_columns WHERE table_name = 'bytes'",
      ),
    ).toEqual([['character varying', 6]]);
  });

  test.each([
    ['ENCODE bytedict', 'the encoding bytedict'],
    ['ENCODE runlength', 'the encoding runlength'],
    ['ENCODE text255', 'the encoding text255'],
    ['ENCODE text32k', 'the encoding text32k'],
    ["DEFAULT 'x'", 'a default value'],
    ['UNIQUE', 'UNIQUE or PRIMARY KEY'],
    ['NOT NULL PRIMARY KEY', 'UNIQUE or PRIMARY KEY'],
  ])('of a varchar with %s get no longer', async (attributes, told) => {
    await warehouse.execute('DROP TABLE IF EXISTS fixed');
    await warehouse.execute(`CREATE TABLE fixed (k INT ENCODE az64, v VARCHAR(4) ${attributes})`);
    const { Error: error } = await warehouse.execute('ALTER TABLE fixed ALTER COLUMN v TYPE VARCHAR(6)');
    expect(error).toBe(
      `ERROR: ALTER COLUMN "v" TYPE of a column with ${told} is not Redshift SQL; see https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html`,
    );
  });

  test('of a table with a key over columns get no longer either', async () => {
    await warehouse.execute('CREATE TABLE keyed (v VARCHAR(4), w VARCHAR(4), UNIQUE (v))');
    const widen = (column: string) =>
      warehouse.execute(`ALTER TABLE keyed ALTER COLUMN ${column} TYPE VARCHAR(6)`);
    expect((await widen('v')).Error).toContain('UNIQUE');
    expect((await widen('w')).Status).toBe('FINISHED');
  });

  test('of another encoding are the same, and an encoding is given once', async () => {
    await warehouse.execute('CREATE TABLE encoded (v VARCHAR(4) ENCODE text255, n INT)');
    await warehouse.execute('ALTER TABLE encoded ADD COLUMN w VARCHAR(3) ENCODE raw');
    const encodings = () =>
      warehouse.rows(
        "SELECT column_name, encoding FROM svv_redshift_columns WHERE table_name = 'encoded' ORDER BY ordinal_position",
      );
    expect(await encodings()).toEqual([
      ['v', 'text255'],
      ['n', 'az64'],
      ['w', 'none'],
    ]);
    const encode = 'ALTER TABLE encoded ALTER COLUMN v ENCODE zstd';
    expect((await warehouse.execute(encode)).Status).toBe('FINISHED');
    expect((await warehouse.execute(encode)).Error).toContain('which it has');
    expect((await warehouse.execute('ALTER TABLE encoded ALTER COLUMN n ENCODE text32k')).Error).toContain(
      'c_Compression_encodings',
    );
    expect((await warehouse.execute('ALTER TABLE encoded ALTER COLUMN x ENCODE zstd')).Error).toContain(
      'column "x" of relation "encoded" does not exist',
    );
    expect((await warehouse.execute('ALTER TABLE encoded ALTER COLUMN v TYPE VARCHAR(9)')).Status).toBe(
      'FINISHED',
    );
    expect(await encodings()).toEqual([
      ['v', 'zstd'],
      ['n', 'az64'],
      ['w', 'none'],
    ]);
  });

  test('of NOT NULL columns are enforced and those of keys are not', async () => {
    await warehouse.execute('CREATE TABLE keys (k INT NOT NULL PRIMARY KEY)');
    expect((await warehouse.execute('INSERT INTO keys VALUES (1), (1)')).Status).toBe('FINISHED');
    expect((await warehouse.execute('INSERT INTO keys VALUES (NULL)')).Error).toBe(
      'ERROR: Cannot insert a NULL value into column k',
    );
  });
});

describe('COPY', () => {
  test('loads the files of a manifest with NULL, empty and quoted values apart', async () => {
    await warehouse.execute(
      'CREATE TABLE copied (n INT, s VARCHAR(20), d DECIMAL(5,2), t TIMESTAMPTZ, j SUPER)',
    );
    objects.putCsv('p1.csv.zst', '1,"a,""b""\nc",1.5,2024-05-22T12:12:50.351Z,"{""a"": 1}"\n,,,,\n');
    objects.putCsv(
      'p2.csv.zst',
      '\u0001,\u0001,\u0001,\u0001,\u0001\n2,"",7,2024-01-01T00:00:00+0100,"[""a, \\\\"", 1]"',
    );
    objects.putManifest('copied.manifest', ['p1.csv.zst', 'p2.csv.zst']);
    const done = await warehouse.batch([copy('copied', 'copied.manifest')]);
    expect(done).toMatchObject({ Status: 'FINISHED', SubStatements: [{ ResultRows: 4 }] });
    expect(await warehouse.rows('SELECT * FROM copied ORDER BY n, s')).toEqual([
      [1, 'a,"b"\nc', '1.50', '2024-05-22 12:12:50.351+00', '{"a":1}'],
      [2, '', '7.00', '2023-12-31 23:00:00+00', '["a, \\\\",1]'],
      [null, '', null, null, null],
      [null, null, null, null, null],
    ]);
  });

  test('loads a file of many pieces', async () => {
    await warehouse.execute('CREATE TABLE many (n INT, s VARCHAR(200))');
    const row = (n: number): string => `${n},"${'é'.repeat(40)}, line\nline ""${n}"""\n`;
    objects.putCsv('many.csv.zst', Array.from({ length: 200_000 }, (_, n) => row(n)).join(''));
    objects.putManifest('many.manifest', ['many.csv.zst']);
    expect((await warehouse.batch([copy('many', 'many.manifest')])).Status).toBe('FINISHED');
    expect(await warehouse.rows('SELECT COUNT(*), COUNT(DISTINCT n), MIN(LENGTH(s)) FROM many')).toEqual([
      [200_000, 200_000, 55],
    ]);
  });

  test('names file, line, column and reason of a bad value, also after the rollback', async () => {
    objects.putCsv('good.csv.zst', '1,ok\n');
    objects.putCsv('bad.csv.zst', '2,"two\nlines"\n3x,ok\n');
    objects.putManifest('bad.manifest', ['good.csv.zst', 'bad.csv.zst']);
    const done = await warehouse.batch([
      'CREATE TEMP TABLE stage (n INT, s VARCHAR(20))',
      copy('stage', 'bad.manifest'),
    ]);
    expect(done.Error).toBe(
      "Query #2 failed with ERROR: Load into table 'stage' failed. Check 'sys_load_error_detail' system table for details.",
    );
    const rows = await warehouse.rows(
      `SELECT file_name, line_number, column_name, error_code, error_message FROM sys_load_error_detail WHERE query_id = ${done.SubStatements?.[1]?.RedshiftQueryId}`,
    );
    expect(rows).toEqual([
      ['s3://bucket/bad.csv.zst', 3, 'n', 1207, "Invalid digit, Value 'x', Pos 1, Type: Integer"],
    ]);
  });

  test.each([
    ['a manifest that is not there', 'none.manifest', [], /does not exist/],
    [
      'a mandatory file that is not there',
      'lost.manifest',
      ['lost.csv.zst'],
      /Mandatory file s3:\/\/bucket\/lost/,
    ],
  ])('fails for %s', async (_, manifest, parts, reason) => {
    if (parts.length > 0) objects.putManifest(manifest, parts);
    const done = await warehouse.batch(['CREATE TEMP TABLE stage (n INT)', copy('stage', manifest)]);
    expect(done.Error).toMatch(reason);
  });

  test('blames the connection, not the file, when S3 is cut off half-way or is not there', async () => {
    objects.putCsv('whole.csv.zst', '1\n2\n');
    objects.putManifest('whole.manifest', ['whole.csv.zst']);
    for (const key of ['whole.csv.zst', 'whole.manifest']) {
      objects.cut(key);
      const done = await warehouse.batch([
        'CREATE TEMP TABLE stage (n INT)',
        copy('stage', 'whole.manifest'),
      ]);
      expect(done.Error).toContain('S3CurlException');
    }
  });

  test('fails for a file that breaks off', async () => {
    objects.put('cut.csv.zst', Buffer.from('28b52ffd0458', 'hex'));
    objects.putManifest('cut.manifest', ['cut.csv.zst']);
    const done = await warehouse.batch(['CREATE TEMP TABLE stage (n INT)', copy('stage', 'cut.manifest')]);
    expect(done.Status).toBe('FAILED');
  });
});

describe('a fault on purpose', () => {
  test('fails the next statement as one in a cycle of transactions', async () => {
    warehouse.child.fault({ kind: 'isolation' });
    expect((await warehouse.batch(['SELECT 1'])).Error).toContain('1023');
    expect((await warehouse.batch(['SELECT 1'])).Status).toBe('FINISHED');
  });

  test('aborts the next request', async () => {
    warehouse.child.fault({ kind: 'abort' });
    expect((await warehouse.batch(['SELECT 1'])).Status).toBe('ABORTED');
  });

  test('loses the next completion event', async () => {
    warehouse.child.fault({ kind: 'loseEvent' });
    const done = await warehouse.batch(['SELECT 1']);
    await warehouse.child.flush();
    expect(warehouse.events.some(({ detail }) => detail.statementId === done.Id)).toBe(false);
  });

  test('is away for the statements that are asked for, and answers for those before', async () => {
    const before = await warehouse.client.send(new ExecuteStatementCommand({ ...TARGET, Sql: 'SELECT 1' }));
    warehouse.child.fault({ kind: 'away', says: 'the cluster is paused', times: 2 });
    await warehouse.child.flush();
    const ask = () => warehouse.client.send(new ExecuteStatementCommand({ ...TARGET, Sql: 'SELECT 1' }));
    const refusal = { name: 'ValidationException', message: 'the cluster is paused' };
    await expect(ask()).rejects.toMatchObject(refusal);
    await expect(
      warehouse.client.send(new DescribeStatementCommand({ Id: before.Id })),
    ).resolves.toMatchObject({
      Id: before.Id,
    });
    await expect(ask()).rejects.toMatchObject(refusal);
    await ask();
    await warehouse.child.flush();
    expect(warehouse.struck.slice(-2)).toEqual(['away', 'away']);
  });

  test('throttles the next call', async () => {
    warehouse.child.fault({ kind: 'throttle' });
    await warehouse.child.flush();
    const sent = warehouse.client.send(new ExecuteStatementCommand({ ...TARGET, Sql: 'SELECT 1' }));
    await expect(sent).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
