import { describe, expect, it } from 'vitest';
import { type LoadText, loadStatements, measureLoad } from '../../../shared/sql/load-statements.ts';
import { contractOf, workItems } from './support/contracts.ts';
import { families } from './support/generate.ts';

/**
 * The text of a load, statement by statement: what the warehouse's front has to understand. Beside standard SQL it
 * uses GETDATE() and COPY; temporary tables live as long as the batch's session.
 */

const load = (more: Partial<LoadText> = {}): LoadText => ({
  feed: 'work_items',
  load: 'loads/work_items/2026/11/23/00001.json',
  contract: workItems,
  batches: [
    {
      batch: 'w-20261123T100000000Z',
      seal: 'seal-1',
      observed: '2026-11-23T10:02:00.000Z',
      rows: { 'ewm.work_items': 2, 'ewm.comments': 3 },
      rejected: 1,
    },
  ],
  manifests: {
    'ewm.work_items': 's3://bucket/loads/work_items/2026/11/23/00001/ewm.work_items.manifest',
    'ewm.comments': 's3://bucket/loads/work_items/2026/11/23/00001/ewm.comments.manifest',
  },
  copyRole: 'arn:aws:iam::123456789012:role/copy',
  ...more,
});

const text = (statements: readonly string[]): string =>
  statements.join(';\n\n').replaceAll('\u0001', '\\u0001');

describe('the statements of a load', () => {
  it('merge a table with one child', () => {
    expect(text(loadStatements(load()))).toMatchInlineSnapshot(`
      "SET statement_timeout TO 3600000;

      LOCK "millrace"."mutex_ewm_work_items_07fa850d";

      UPDATE "millrace"."mutex_ewm_work_items_07fa850d" SET loads = loads + 1;

      CREATE TEMP TABLE "millrace$stage_1" (
        "item_id" BIGINT,
        "summary" VARCHAR(1024),
        "modified" TIMESTAMPTZ,
        "_batch" VARCHAR(256),
        "_row" BIGINT
      );

      COPY "millrace$stage_1" ("item_id", "summary", "modified", "_batch", "_row")
      FROM 's3://bucket/loads/work_items/2026/11/23/00001/ewm.work_items.manifest'
      IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
      MANIFEST CSV ZSTD NULL AS '\\u0001' DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF;

      CREATE TEMP TABLE "millrace$stage_2" (
        "item_id" BIGINT,
        "position" INTEGER,
        "content" VARCHAR(65535),
        "_batch" VARCHAR(256),
        "_row" BIGINT,
        "_parent_row" BIGINT
      );

      COPY "millrace$stage_2" ("item_id", "position", "content", "_batch", "_row", "_parent_row")
      FROM 's3://bucket/loads/work_items/2026/11/23/00001/ewm.comments.manifest'
      IAM_ROLE 'arn:aws:iam::123456789012:role/copy'
      MANIFEST CSV ZSTD NULL AS '\\u0001' DATEFORMAT 'auto' TIMEFORMAT 'auto' MAXERROR 0 COMPUPDATE OFF;

      CREATE TEMP TABLE "millrace$batches" AS SELECT
        b.batch,
        b.seal,
        b.observed,
        b.rejected,
        l.batch IS NULL AS is_new,
        CAST(CASE WHEN COALESCE(s1.n, 0) = b.rows_1 THEN CAST(b.rows_1 AS VARCHAR(20)) ELSE 'batch ' || b.batch || ' staged ' || CAST(COALESCE(s1.n, 0) AS VARCHAR(20)) || ' rows of ' || 'ewm.work_items' || ', its record says ' || CAST(b.rows_1 AS VARCHAR(20)) END AS BIGINT) AS staged_1,
        CAST(CASE WHEN COALESCE(s2.n, 0) = b.rows_2 THEN CAST(b.rows_2 AS VARCHAR(20)) ELSE 'batch ' || b.batch || ' staged ' || CAST(COALESCE(s2.n, 0) AS VARCHAR(20)) || ' rows of ' || 'ewm.comments' || ', its record says ' || CAST(b.rows_2 AS VARCHAR(20)) END AS BIGINT) AS staged_2
      FROM (
        SELECT CAST('w-20261123T100000000Z' AS VARCHAR(256)) AS batch, CAST('seal-1' AS VARCHAR(256)) AS seal, CAST('2026-11-23 10:02:00.000+00' AS TIMESTAMPTZ) AS observed, CAST(1 AS BIGINT) AS rejected, CAST(2 AS BIGINT) AS rows_1, CAST(3 AS BIGINT) AS rows_2
      ) b
      LEFT JOIN (SELECT DISTINCT batch, seal FROM "millrace"."ledger" WHERE feed = 'work_items') l ON l.batch = b.batch AND l.seal = b.seal
      LEFT JOIN (SELECT "_batch", COUNT(*) AS n FROM "millrace$stage_1" GROUP BY "_batch") s1 ON s1."_batch" = b.batch
      LEFT JOIN (SELECT "_batch", COUNT(*) AS n FROM "millrace$stage_2" GROUP BY "_batch") s2 ON s2."_batch" = b.batch;

      CREATE TEMP TABLE "millrace$plan_1" AS
      SELECT
        s."_batch",
        s."_row",
        b.observed AS "_observed",
        CASE
          WHEN ROW_NUMBER() OVER (PARTITION BY s."item_id" ORDER BY s."modified" DESC, b.observed DESC, s."_batch" DESC, s."_row" DESC) > 1 THEN 'stale'
          WHEN t."item_id" IS NOT NULL AND NOT COALESCE((s."modified" > t."modified" OR t."modified" IS NULL OR (s."modified" = t."modified" AND (b.observed > COALESCE(t."_observed", CAST('1970-01-01 00:00:00.000+00' AS TIMESTAMPTZ)) OR (b.observed = COALESCE(t."_observed", CAST('1970-01-01 00:00:00.000+00' AS TIMESTAMPTZ)) AND (s."_batch" > COALESCE(t."_batch", '') OR (s."_batch" = COALESCE(t."_batch", '') AND (s."_row" > COALESCE(t."_row", 0)))))))), FALSE) THEN 'stale'
          WHEN NOT t."item_id" IS NOT NULL THEN 'inserted'
          ELSE 'updated'
        END AS "_fate",
        s."item_id" AS key_1,
        CAST(NULL AS VARCHAR(512)) AS record,
        COALESCE(c2.n, 0) AS staged_2,
        COALESCE(c2.counted, 0) AS rows_2,
        0 AS had_2
      FROM "millrace$stage_1" s
      JOIN "millrace$batches" b ON b.batch = s."_batch" AND b.is_new
      LEFT JOIN (SELECT "item_id", "modified", "_observed", "_batch", "_row", CAST(NULL AS VARCHAR(64)) AS had FROM "ewm"."work_items" WHERE "item_id" >= (SELECT MIN("item_id") FROM "millrace$stage_1") AND "item_id" <= (SELECT MAX("item_id") FROM "millrace$stage_1")) t ON t."item_id" = s."item_id"
      LEFT JOIN (SELECT "_batch", root_row, COUNT(*) AS n, SUM(CASE WHEN nth = 1 THEN 1 ELSE 0 END) AS counted FROM (SELECT s.*, s."_parent_row" AS root_row, ROW_NUMBER() OVER (PARTITION BY s."_batch", s."_parent_row", s."position" ORDER BY s."_row" DESC) AS nth FROM "millrace$stage_2" s) d GROUP BY "_batch", root_row) c2 ON c2."_batch" = s."_batch" AND c2.root_row = s."_row";

      UPDATE "ewm"."work_items" SET
        "item_id" = "millrace$stage_1"."item_id",
        "summary" = "millrace$stage_1"."summary",
        "modified" = "millrace$stage_1"."modified",
        "_batch" = "millrace$stage_1"."_batch",
        "_row" = "millrace$stage_1"."_row",
        "_observed" = "millrace$plan_1"."_observed",
        "_loaded_at" = CASE WHEN "millrace$plan_1"."_fate" = 'updated' THEN CAST(SYSDATE AS TIMESTAMPTZ) ELSE "work_items"."_loaded_at" END
      FROM "millrace$stage_1" JOIN "millrace$plan_1" ON "millrace$plan_1"."_batch" = "millrace$stage_1"."_batch" AND "millrace$plan_1"."_row" = "millrace$stage_1"."_row" AND "millrace$plan_1"."_fate" IN ('updated', 'unchanged')
      WHERE "work_items"."item_id" = "millrace$stage_1"."item_id";

      DELETE FROM "ewm"."comments"
      USING "millrace$plan_1"
      WHERE "comments"."item_id" = "millrace$plan_1".key_1 AND "millrace$plan_1"."_fate" IN ('updated', 'deleted');

      INSERT INTO "ewm"."work_items" ("item_id", "summary", "modified", "_batch", "_row", "_observed", "_loaded_at")
      SELECT s."item_id", s."summary", s."modified", s."_batch", s."_row", p."_observed", CAST(SYSDATE AS TIMESTAMPTZ)
      FROM "millrace$stage_1" s
      JOIN "millrace$plan_1" p ON p."_batch" = s."_batch" AND p."_row" = s."_row"
      WHERE p."_fate" = 'inserted';

      INSERT INTO "ewm"."comments" ("item_id", "position", "content", "_batch", "_row", "_parent_row", "_observed", "_loaded_at")
      SELECT d."item_id", d."position", d."content", d."_batch", d."_row", d."_parent_row", p."_observed", CAST(SYSDATE AS TIMESTAMPTZ)
      FROM (SELECT s.*, s."_parent_row" AS root_row, ROW_NUMBER() OVER (PARTITION BY s."_batch", s."_parent_row", s."position" ORDER BY s."_row" DESC) AS nth FROM "millrace$stage_2" s) d
      JOIN "millrace$plan_1" p ON p."_batch" = d."_batch" AND p."_row" = d.root_row AND p."_fate" IN ('inserted', 'updated')
      WHERE d.nth = 1;

      INSERT INTO "millrace"."ledger" (feed, batch, seal, target, observed, load_key, staged, duplicate, stale, inserted, updated, deleted, rejected, loaded_at)
      SELECT CAST('work_items' AS VARCHAR(256)), b.batch, b.seal, CAST('ewm.work_items' AS VARCHAR(256)), b.observed, CAST('loads/work_items/2026/11/23/00001.json' AS VARCHAR(256)), CAST(CASE WHEN b.staged_1 = COALESCE(p.inserted + p.updated + p.unchanged + p.stale, 0) THEN CAST(b.staged_1 AS VARCHAR(20)) ELSE 'batch ' || b.batch || ' staged ' || CAST(b.staged_1 AS VARCHAR(20)) || ' rows of ' || 'ewm.work_items' || ', and the load accounts for ' || CAST(COALESCE(p.inserted + p.updated + p.unchanged + p.stale, 0) AS VARCHAR(20)) END AS BIGINT),
        COALESCE(p.unchanged, 0), COALESCE(p.stale, 0), COALESCE(p.inserted, 0), COALESCE(p.updated, 0), COALESCE(p.deleted, 0), b.rejected, CAST(SYSDATE AS TIMESTAMPTZ)
      FROM "millrace$batches" b
      LEFT JOIN (SELECT "_batch", SUM(CASE WHEN "_fate" = 'inserted' THEN 1 ELSE 0 END) AS inserted, SUM(CASE WHEN "_fate" = 'updated' THEN 1 ELSE 0 END) AS updated, SUM(CASE WHEN "_fate" = 'unchanged' THEN 1 ELSE 0 END) AS unchanged, SUM(CASE WHEN "_fate" = 'stale' THEN 1 ELSE 0 END) AS stale, SUM(CASE WHEN "_fate" = 'deleted' THEN 1 WHEN "_fate" = 'marked' THEN 1 ELSE 0 END) AS deleted FROM "millrace$plan_1" GROUP BY "_batch") p ON p."_batch" = b.batch
      WHERE b.is_new
      UNION ALL
      SELECT CAST('work_items' AS VARCHAR(256)), b.batch, b.seal, CAST('ewm.comments' AS VARCHAR(256)), b.observed, CAST('loads/work_items/2026/11/23/00001.json' AS VARCHAR(256)), CAST(CASE WHEN b.staged_2 = COALESCE(p.inserted + p.updated + p.unchanged + p.stale, 0) THEN CAST(b.staged_2 AS VARCHAR(20)) ELSE 'batch ' || b.batch || ' staged ' || CAST(b.staged_2 AS VARCHAR(20)) || ' rows of ' || 'ewm.comments' || ', and the load accounts for ' || CAST(COALESCE(p.inserted + p.updated + p.unchanged + p.stale, 0) AS VARCHAR(20)) END AS BIGINT),
        COALESCE(p.unchanged, 0), COALESCE(p.stale, 0), COALESCE(p.inserted, 0), COALESCE(p.updated, 0), COALESCE(p.deleted, 0), 0, CAST(SYSDATE AS TIMESTAMPTZ)
      FROM "millrace$batches" b
      LEFT JOIN (SELECT "_batch", SUM(CASE WHEN "_fate" = 'inserted' THEN rows_2 WHEN "_fate" = 'updated' THEN rows_2 - LEAST(rows_2, had_2) ELSE 0 END) AS inserted, SUM(CASE WHEN "_fate" = 'updated' THEN LEAST(rows_2, had_2) ELSE 0 END) AS updated, SUM(CASE WHEN "_fate" = 'unchanged' THEN rows_2 ELSE 0 END) AS unchanged, SUM(CASE WHEN "_fate" = 'stale' THEN staged_2 WHEN "_fate" = 'deleted' THEN 0 WHEN "_fate" = 'marked' THEN 0 ELSE staged_2 - rows_2 END) AS stale, SUM(CASE WHEN "_fate" = 'updated' THEN had_2 - LEAST(rows_2, had_2) WHEN "_fate" = 'deleted' THEN had_2 ELSE 0 END) AS deleted FROM "millrace$plan_1" GROUP BY "_batch") p ON p."_batch" = b.batch
      WHERE b.is_new"
    `);
  });

  it.each(Object.entries(families))('give each column of a new table a type: %s', (_, contract) => {
    const created = loadStatements(load({ contract })).filter((sql) => sql.startsWith('CREATE TEMP TABLE'));
    // A bare literal as a whole column, of a SELECT or of what a UNION adds to it: each stands on a line of its own.
    const bare = /^ *'[^']*'(?=,?$| AS\b)/gm;
    expect(created.flatMap((sql) => sql.match(bare) ?? [])).toEqual([]);
  });

  it('have no COPY for a table without rows', () => {
    const statements = loadStatements(load({ manifests: {} }));
    expect(statements.filter((statement) => statement.startsWith('COPY'))).toEqual([]);
  });

  it('are the same text for the same load', () => {
    expect(loadStatements(load())).toEqual(loadStatements(load()));
  });

  it('are counted before there is a load', () => {
    expect(measureLoad(workItems).statements).toBe(loadStatements(load()).length);
  });

  it('refuse a child that does not hold its root’s key', () => {
    const [root, child] = workItems.tables;
    if (root === undefined || child === undefined) throw new Error('two tables expected');
    const cut = { ...child, parent: { table: root.table, columns: [] } };
    expect(() => loadStatements(load({ contract: contractOf([root, cut]) }))).toThrow(
      'table ewm.comments has no column for item_id of its parent ewm.work_items',
    );
  });
});
