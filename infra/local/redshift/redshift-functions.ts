import { SYSTEM_SCHEMA } from './system-objects.ts';

/**
 * Functions of Redshift that Postgres lacks, or has with another meaning. They lie before Postgres' own in the search path. Each
 * comment names the page of the Redshift Database Developer Guide.
 */
const DATES = `
-- r_SYSDATE
CREATE OR REPLACE FUNCTION sysdate() RETURNS timestamp LANGUAGE sql STABLE
  AS $$ SELECT transaction_timestamp() AT TIME ZONE 'UTC' $$;
-- r_DATEADD_function, r_Dateparts_for_datetime_functions: the day stays, unlike that of r_ADD_MONTHS at the end of a month
CREATE OR REPLACE FUNCTION part_interval(part text, n bigint) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
  SELECT n * CASE part WHEN 'millennium' THEN interval '1000 years' WHEN 'century' THEN interval '100 years'
    WHEN 'decade' THEN interval '10 years' WHEN 'year' THEN interval '1 year' WHEN 'quarter' THEN interval '3 months'
    WHEN 'month' THEN interval '1 month' WHEN 'week' THEN interval '7 days' WHEN 'day' THEN interval '1 day'
    WHEN 'doy' THEN interval '1 day' WHEN 'dow' THEN interval '1 day' WHEN 'hour' THEN interval '1 hour'
    WHEN 'minute' THEN interval '1 minute' WHEN 'second' THEN interval '1 second' WHEN 'epoch' THEN interval '1 second'
    WHEN 'millisecond' THEN interval '1 millisecond' ELSE interval '1 microsecond' END $$;
CREATE OR REPLACE FUNCTION dateadd(text, bigint, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $3 + ${SYSTEM_SCHEMA}.part_interval($1, $2) $$;
CREATE OR REPLACE FUNCTION dateadd(text, bigint, date) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $3::timestamp + ${SYSTEM_SCHEMA}.part_interval($1, $2) $$;
CREATE OR REPLACE FUNCTION dateadd(text, bigint, timestamptz) RETURNS timestamptz LANGUAGE sql STABLE
  AS $$ SELECT $3 + ${SYSTEM_SCHEMA}.part_interval($1, $2) $$;
-- r_DATEDIFF_function: counts the boundaries between the two; weeks begin as those of r_DATE_TRUNC do, on Monday
CREATE OR REPLACE FUNCTION datediff(part text, a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN part IN ('millennium', 'century', 'decade', 'year') THEN
      (extract(year FROM date_trunc(part, b)) - extract(year FROM date_trunc(part, a)))::bigint
      / CASE part WHEN 'millennium' THEN 1000 WHEN 'century' THEN 100 WHEN 'decade' THEN 10 ELSE 1 END
    WHEN part = 'quarter' THEN
      ((extract(year FROM b) - extract(year FROM a)) * 4 + extract(quarter FROM b) - extract(quarter FROM a))::bigint
    WHEN part = 'month' THEN
      ((extract(year FROM b) - extract(year FROM a)) * 12 + extract(month FROM b) - extract(month FROM a))::bigint
    WHEN part = 'week' THEN (date_trunc('week', b)::date - date_trunc('week', a)::date)::bigint / 7
    WHEN part IN ('day', 'dow', 'doy') THEN (b::date - a::date)::bigint
    ELSE (extract(epoch FROM (date_trunc(CASE part WHEN 'epoch' THEN 'second' ELSE part END, b)
        - date_trunc(CASE part WHEN 'epoch' THEN 'second' ELSE part END, a)))
      * CASE part WHEN 'microsecond' THEN 1000000 WHEN 'millisecond' THEN 1000 ELSE 1 END)::bigint
      / CASE part WHEN 'hour' THEN 3600 WHEN 'minute' THEN 60 ELSE 1 END END $$;
CREATE OR REPLACE FUNCTION datediff(text, timestamptz, timestamptz) RETURNS bigint LANGUAGE sql STABLE
  AS $$ SELECT ${SYSTEM_SCHEMA}.datediff($1, $2 AT TIME ZONE 'UTC', $3 AT TIME ZONE 'UTC') $$;
-- CONVERT_TIMEZONE
CREATE OR REPLACE FUNCTION convert_timezone(text, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $2 AT TIME ZONE 'UTC' AT TIME ZONE $1 $$;
CREATE OR REPLACE FUNCTION convert_timezone(text, date) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $2::timestamp AT TIME ZONE 'UTC' AT TIME ZONE $1 $$;
CREATE OR REPLACE FUNCTION convert_timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $2 AT TIME ZONE $1 $$;
CREATE OR REPLACE FUNCTION convert_timezone(text, text, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
  AS $$ SELECT $3 AT TIME ZONE $1 AT TIME ZONE $2 $$;
-- r_ADD_MONTHS: the last day of a month stays one
CREATE OR REPLACE FUNCTION add_months(timestamp, integer) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN $1::date = (date_trunc('month', $1) + interval '1 month - 1 day')::date
    THEN date_trunc('month', $1) + ($2 + 1) * interval '1 month' - interval '1 day' + ($1 - date_trunc('day', $1))
    ELSE $1 + $2 * interval '1 month' END $$;
-- r_LAST_DAY, r_TRUNC_date
CREATE OR REPLACE FUNCTION last_day(timestamp) RETURNS date LANGUAGE sql IMMUTABLE
  AS $$ SELECT (date_trunc('month', $1) + interval '1 month - 1 day')::date $$;
CREATE OR REPLACE FUNCTION trunc(timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT $1::date $$;
-- r_MONTHS_BETWEEN_function: whole where the days are the same or both the last of their months, else by months of 31 days
CREATE OR REPLACE FUNCTION months_between(a timestamp, b timestamp) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(year FROM a) - extract(year FROM b)) * 12 + extract(month FROM a) - extract(month FROM b)
    + CASE WHEN extract(day FROM a) = extract(day FROM b)
        OR (${SYSTEM_SCHEMA}.last_day(a) = a::date AND ${SYSTEM_SCHEMA}.last_day(b) = b::date) THEN 0
      ELSE (extract(day FROM a) - extract(day FROM b)
        + (extract(epoch FROM a::time) - extract(epoch FROM b::time)) / 86400) / 31 END $$;
`;

const TEXTS = `
-- r_CHARINDEX, r_REPEAT, r_LEN
CREATE OR REPLACE FUNCTION charindex(text, text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT strpos($2, $1) $$;
CREATE OR REPLACE FUNCTION replicate(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT repeat($1, $2) $$;
CREATE OR REPLACE FUNCTION textlen(text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) $$;
-- REGEXP_SUBSTR: an empty text where nothing matches
CREATE OR REPLACE FUNCTION regexp_substr(text, text, integer DEFAULT 1, integer DEFAULT 1) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL
    THEN coalesce(pg_catalog.regexp_substr($1, $2, $3, $4), '') END $$;
-- REGEXP_REPLACE: every match; nothing stands in where no text is given
CREATE OR REPLACE FUNCTION regexp_replace(text, text, text DEFAULT '', integer DEFAULT 1) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.regexp_replace($1, $2, $3, $4, 0) $$;
-- SHA2
CREATE OR REPLACE FUNCTION sha2(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(CASE $2 WHEN 224 THEN sha224(convert_to($1, 'UTF8')) WHEN 384 THEN sha384(convert_to($1, 'UTF8'))
    WHEN 512 THEN sha512(convert_to($1, 'UTF8')) WHEN 256 THEN sha256(convert_to($1, 'UTF8'))
    WHEN 0 THEN sha256(convert_to($1, 'UTF8')) END, 'hex') $$;
`;

const NUMBERS = `
-- r_ROUND, r_TRUNC: of a double precision, too
CREATE OR REPLACE FUNCTION round(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS $$ SELECT pg_catalog.round($1::numeric, $2)::double precision $$;
CREATE OR REPLACE FUNCTION trunc(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS $$ SELECT pg_catalog.trunc($1::numeric, $2)::double precision $$;
CREATE OR REPLACE FUNCTION nullif_zero(double precision) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS $$ SELECT nullif($1, 0) $$;
-- r_AVG: of a smallint or an integer it is a bigint
CREATE OR REPLACE FUNCTION avg_of_integers(bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN $1[1] > 0 THEN $1[2] / $1[1] END $$;
CREATE OR REPLACE AGGREGATE avg(smallint) (sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = avg_of_integers);
CREATE OR REPLACE AGGREGATE avg(integer) (sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = avg_of_integers);
-- r_MEDIAN: exact, of integers a decimal
CREATE OR REPLACE FUNCTION median_of(anyarray) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.avg(x) FROM (SELECT x::numeric AS x, row_number() OVER (ORDER BY x) AS n, count(*) OVER () AS total
    FROM unnest($1) AS all_values(x) WHERE x IS NOT NULL) AS ordered WHERE n IN ((total + 1) / 2, (total + 2) / 2) $$;
CREATE OR REPLACE FUNCTION median_of_doubles(double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE
  AS $$ SELECT ${SYSTEM_SCHEMA}.median_of($1)::double precision $$;
${['smallint', 'integer', 'bigint', 'numeric']
  .map(
    (type) =>
      `CREATE OR REPLACE AGGREGATE median(${type}) (sfunc = array_append, stype = ${type}[], finalfunc = median_of);`,
  )
  .join('\n')}
CREATE OR REPLACE AGGREGATE median(double precision)
  (sfunc = array_append, stype = double precision[], finalfunc = median_of_doubles);
`;

const JSON_AND_SUPER = `
-- query-super: what is not there, and the null of JSON, is NULL (lax mode)
CREATE OR REPLACE FUNCTION super_get(super, VARIADIC text[]) RETURNS super LANGUAGE sql IMMUTABLE
  AS $$ SELECT nullif($1 #> $2, 'null')::${SYSTEM_SCHEMA}.super $$;
CREATE OR REPLACE FUNCTION super_text(super) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 #>> '{}' $$;
CREATE OR REPLACE FUNCTION to_super(anyelement) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT to_jsonb($1) $$;
CREATE OR REPLACE FUNCTION super_elements(super) RETURNS SETOF super LANGUAGE sql IMMUTABLE AS $$
  SELECT value::${SYSTEM_SCHEMA}.super
  FROM jsonb_array_elements(CASE WHEN jsonb_typeof($1) = 'array' THEN $1 ELSE '[]' END) $$;
-- JSON_SERIALIZE: without blanks
CREATE OR REPLACE FUNCTION super_serialize(super) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT pg_catalog.regexp_replace($1::text, '("(?:[^"\\\\]|\\\\.)*")|\\s+', '\\1', 'g') $$;
-- r_json_typeof, r_is_array, r_is_object, r_is_scalar, get_array_length
CREATE OR REPLACE FUNCTION json_typeof(super) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_typeof($1) $$;
CREATE OR REPLACE FUNCTION is_array(super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_typeof($1) = 'array' $$;
CREATE OR REPLACE FUNCTION is_object(super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_typeof($1) = 'object' $$;
CREATE OR REPLACE FUNCTION is_scalar(super) RETURNS boolean LANGUAGE sql IMMUTABLE
  AS $$ SELECT jsonb_typeof($1) NOT IN ('object', 'array') $$;
CREATE OR REPLACE FUNCTION get_array_length(super) RETURNS bigint LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN jsonb_typeof($1) = 'array' THEN jsonb_array_length($1)::bigint END $$;
-- IS_VALID_JSON_ARRAY, JSON_EXTRACT_PATH_TEXT, JSON_EXTRACT_ARRAY_ELEMENT_TEXT, JSON_ARRAY_LENGTH: of texts
CREATE OR REPLACE FUNCTION is_valid_json_array(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 IS JSON ARRAY $$;
CREATE OR REPLACE FUNCTION json_or_null(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1 IS JSON THEN $1 END $$;
CREATE OR REPLACE FUNCTION json_extract_path_text(text, VARIADIC text[]) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT $1::json #>> $2 $$;
CREATE OR REPLACE FUNCTION json_extract_array_element_text(text, integer) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE WHEN $2 >= 0 THEN $1::json ->> $2 END $$;
CREATE OR REPLACE FUNCTION json_array_length(text) RETURNS integer LANGUAGE sql IMMUTABLE
  AS $$ SELECT pg_catalog.json_array_length($1::json) $$;
`;

/** SVV_REDSHIFT_COLUMNS, by the marks that a table has; OR REPLACE takes further columns at its end alone. Encodings that nobody wrote are what c_Compression_encodings says. */
const CATALOG = `
CREATE OR REPLACE VIEW svv_redshift_columns AS SELECT c.table_catalog AS database_name, c.table_schema AS schema_name, c.table_name,
  c.column_name, c.ordinal_position, c.data_type, c.column_default, c.is_nullable,
  coalesce(replace((SELECT substring(k.conname from '^encoded_([a-z0-9]+)_') FROM pg_constraint k
    WHERE k.conrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
      AND k.conname ~ ('^encoded_[a-z0-9]+_' || left(encode(sha256(convert_to(c.column_name, 'UTF8')), 'hex'), 16) || '$')), 'raw', 'none'),
    CASE WHEN c.data_type LIKE 'character%' THEN 'lzo'
      WHEN c.data_type IN ('boolean', 'real', 'double precision', 'super') THEN 'none' ELSE 'az64' END)::varchar(128) AS encoding, c.remarks,
  EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
    AND k.conname = 'distkey_' || left(encode(sha256(convert_to(c.column_name, 'UTF8')), 'hex'), 16)) AS distkey,
  coalesce((SELECT replace(replace(substring(k.conname from '^sortkey_([mp][0-9]+)_'), 'm', '-'), 'p', '')::integer FROM pg_constraint k
    WHERE k.conrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass
      AND k.conname ~ ('^sortkey_[mp][0-9]+_' || left(encode(sha256(convert_to(c.column_name, 'UTF8')), 'hex'), 16) || '$')), 0) AS sortkey
FROM svv_columns c;
CREATE OR REPLACE VIEW stv_db_isolation_level AS SELECT current_database()::varchar(128) AS db_name,
  'Snapshot Isolation'::varchar(20) AS isolation_level;
`;

/** Run as often as need be: it replaces what an older version left in a warehouse. */
export const REDSHIFT_FUNCTIONS = `
SET LOCAL search_path = ${SYSTEM_SCHEMA}, pg_catalog;
SET LOCAL client_min_messages = error;
${DATES}${TEXTS}${NUMBERS}${JSON_AND_SUPER}${CATALOG}`;
