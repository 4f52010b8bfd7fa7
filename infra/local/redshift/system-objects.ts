/**
 * What Redshift has and Postgres lacks: functions, the SUPER type, system views; and where outcomes are marked. All of
 * it lies in a schema of its own, behind `public` in the search path.
 */
export const SYSTEM_SCHEMA = 'millrace_system';

/** Not `IF NOT EXISTS`: it runs once, in one transaction, in a new warehouse. */
export const SYSTEM_OBJECTS = `
CREATE SCHEMA ${SYSTEM_SCHEMA};
SET search_path = ${SYSTEM_SCHEMA}, pg_catalog;

CREATE DOMAIN super AS jsonb;

CREATE FUNCTION getdate() RETURNS timestamp LANGUAGE sql STABLE
  AS $$ SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC') $$;
CREATE FUNCTION len(text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length($1) $$;
CREATE FUNCTION nvl(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1, $2) $$;
CREATE FUNCTION json_parse(text) RETURNS super LANGUAGE sql IMMUTABLE AS $$ SELECT $1::jsonb $$;
CREATE FUNCTION is_valid_json(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 IS JSON OBJECT $$;

CREATE TABLE statement_outcome (id text PRIMARY KEY, outcome text NOT NULL, at timestamptz NOT NULL DEFAULT now());

CREATE TABLE sys_load_error_detail (
  user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name varchar(64),
  table_id integer, start_time timestamp, file_name varchar(1024), line_number bigint, column_name varchar(127),
  column_type varchar(10), column_length varchar(10), position integer, error_code integer, error_message varchar(512)
);

CREATE VIEW svv_tables AS SELECT table_catalog::varchar(128) AS table_catalog, table_schema::varchar(128) AS table_schema,
  table_name::varchar(128) AS table_name, table_type::varchar(128) AS table_type, NULL::varchar(256) AS remarks
FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema', '${SYSTEM_SCHEMA}') AND table_schema NOT LIKE 'pg\\_%';

CREATE VIEW svv_columns AS SELECT table_catalog::varchar(128) AS table_catalog, table_schema::varchar(128) AS table_schema,
  table_name::varchar(128) AS table_name, column_name::varchar(128) AS column_name, ordinal_position::integer AS ordinal_position,
  column_default::varchar(4096) AS column_default, is_nullable::varchar(3) AS is_nullable,
  CASE WHEN domain_name = 'super' THEN 'super' ELSE data_type END::varchar(128) AS data_type,
  character_maximum_length::integer AS character_maximum_length, numeric_precision::integer AS numeric_precision,
  numeric_scale::integer AS numeric_scale, datetime_precision::integer AS datetime_precision, NULL::varchar(256) AS remarks
FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema', '${SYSTEM_SCHEMA}') AND table_schema NOT LIKE 'pg\\_%';
`;
