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
];

/** Functions of Redshift that Postgres lacks and `system-objects.ts` defines. */
const DEFINED_HERE = ['getdate', 'len', 'nvl', 'json_parse', 'json_serialize', 'is_valid_json'];

/** With ORDER BY in OVER these need a frame (r_Window_function_synopsis). */
export const AGGREGATES = [
  'avg',
  'bool_and',
  'bool_or',
  'count',
  'max',
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

export const FUNCTIONS: ReadonlySet<string> = new Set([...SCALAR, ...DEFINED_HERE, ...RANKING, ...FRAMED]);

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

/** Functions that people expect from Postgres (c_unsupported-postgresql-functions). */
export const isPostgresOnly = (name: string): boolean =>
  /^(jsonb?_|array_|pg_|string_agg$|generate_|unnest$|now$|to_jsonb?$|gen_random|xml|ts_|row_to_json$|age$|bit_and$)/.test(
    name,
  );
