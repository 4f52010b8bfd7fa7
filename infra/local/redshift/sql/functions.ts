import { MARKS } from './rewrite-tokens.ts';

/** Functions that Redshift and the local warehouse have with one meaning (c_SQL_functions). */
const SCALAR = [
  'abs',
  'ascii',
  'btrim',
  'ceil',
  'ceiling',
  'char_length',
  'character_length',
  'chr',
  'cos',
  'date_part',
  'date_trunc',
  'degrees',
  'exp',
  'floor',
  'initcap',
  'left',
  'length',
  'ln',
  'log',
  'lower',
  'lpad',
  'ltrim',
  'md5',
  'mod',
  'octet_length',
  'pi',
  'position',
  'pow',
  'power',
  'radians',
  'regexp_replace',
  'repeat',
  'replace',
  'reverse',
  'right',
  'round',
  'rpad',
  'rtrim',
  'sign',
  'sin',
  'split_part',
  'sqrt',
  'strpos',
  'substr',
  'substring',
  'tan',
  'to_char',
  'to_date',
  'to_timestamp',
  'translate',
  'trunc',
  'upper',
  'bit_length',
  'cbrt',
  'concat',
  'acos',
  'asin',
  'atan',
  'atan2',
  'cot',
  'convert_timezone',
  'quote_ident',
  'quote_literal',
  'random',
  'regexp_count',
  'regexp_instr',
  'regexp_substr',
  'to_hex',
  'to_number',
];

/** Functions of Redshift that Postgres lacks and `system-objects.ts` defines. */
const DEFINED_HERE =
  'add_months charindex dateadd datediff decode get_array_length getdate is_array is_object is_scalar is_valid_json is_valid_json_array json_array_length json_extract_array_element_text json_extract_path_text json_parse json_serialize json_typeof last_day len months_between nvl nvl2 ratio_to_report replicate sha2 sysdate textlen'.split(
    ' ',
  );

/** Aggregates with WITHIN GROUP (c_Aggregate_Functions); LISTAGG may stand in OVER here, too. */
export const ORDERED = [MARKS.distinctList, 'listagg', 'percentile_cont', 'percentile_disc'];

/** Functions of Redshift that the local warehouse lacks (c_SQL_functions). */
const NOT_HERE: ReadonlySet<string> = new Set(
  'any_value approximate array array_concat array_flatten bit_and bit_or bool_xor bpcharcmp btrim_blanks bttext_pattern_cmp cast checksum collate crc32 current_database current_schema current_schemas current_setting current_user current_user_id date_cmp date_cmp_timestamp date_cmp_timestamptz date_part_year dexp difference dlog1 dlog10 explode_array farmhash64 fnv_hash from_hex func_sha1 from_varbyte getbit h3_boundary has_database_privilege has_schema_privilege has_table_privilege hll hll_cardinality hll_combine hll_create_sketch interval_cmp is_bigint is_boolean is_char is_decimal is_float is_integer is_smallint is_varchar json_size lower_attribute_names mask_data next_day object object_transform pg_backend_pid pg_last_copy_count pg_last_copy_id pg_last_query_id pg_last_unload_count session_user sha sha1 soundex split_to_array st_area st_astext st_contains st_distance st_geomfromtext st_point stddev strtol subarray substring_index timeofday timestamp_cmp timestamp_cmp_date timestamptz_cmp timezone to_varbyte try_cast upper_attribute_names user version'.split(
    ' ',
  ),
);
export const isKnownToRedshift = (name: string): boolean =>
  NOT_HERE.has(name) || /^(?:st|h3|hll)_/.test(name);

/** With ORDER BY in OVER these need a frame (r_Window_function_synopsis). */
export const AGGREGATES = [
  'avg',
  'bool_and',
  'bool_or',
  'count',
  'max',
  'median',
  'min',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'sum',
  'var_pop',
  'var_samp',
  'variance',
];

const RANKING = ['cume_dist', 'dense_rank', 'lag', 'lead', 'ntile', 'percent_rank', 'rank', 'row_number'];
export const FRAMED = ['first_value', 'last_value', 'nth_value', ...AGGREGATES];

export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...SCALAR,
  ...DEFINED_HERE,
  ...RANKING,
  ...FRAMED,
  ...ORDERED,
  MARKS.top,
  MARKS.qualify,
]);

/** Functions that the SQL standard writes as syntax, and Postgres' parser as calls of its catalog. */
export const SYNTAX_FUNCTIONS: ReadonlySet<string> = new Set([
  'btrim',
  'date_part',
  'extract',
  'like_escape',
  'ltrim',
  'position',
  'rtrim',
  'similar_to_escape',
  'substring',
  'timezone',
]);
