import { toDatePart } from './date-parts.ts';
import { type Fields, isFields, list, names, nodeOf } from './node-rules.ts';
import { notKnownHere, redshiftRefuses, SqlRefused } from './refusal.ts';
import { MARKS } from './rewrite-tokens.ts';
import { boolNode, callNode, caseNode, castNode, isNullNode, operatorNode, textNode } from './tree-nodes.ts';

/** Writes a call of Redshift for Postgres; its arguments are written already. Throws SqlRefused. */
type CallRule = (args: readonly unknown[], call: Fields) => unknown;

/** The name of a call, of one part; undefined for another node. */
export const callName = (node: unknown): string | undefined => {
  const path = names(nodeOf(node, 'FuncCall')?.funcname);
  return path.length === 1 ? path[0] : undefined;
};

/** Writes a call for Postgres; gives undefined where Postgres has it as Redshift does. */
export const rewriteCall = (call: Fields): unknown => {
  const path = names(call.funcname);
  if (path.length === 2 && path[1] === 'extract') return rewriteExtract(call);
  const name = path[0] ?? '';
  const rule = path.length === 1 && Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  return rule?.(list(call.args), call);
};

/** EXTRACT gives integers (r_EXTRACT_function). */
const rewriteExtract = (call: Fields): unknown => {
  const [part, from] = list(call.args);
  const args = [textNode(readPart(part)), asTimestamp(from)];
  return castNode(callNode('trunc', [{ FuncCall: { ...call, args } }]), 'int8');
};

/** A date part is a bare word or a text. */
const readPart = (node: unknown): string => {
  const words = names(nodeOf(node, 'ColumnRef')?.fields);
  const constant = nodeOf(node, 'A_Const')?.sval;
  const word = words.length === 1 ? words[0] : isFields(constant) ? String(constant.sval) : undefined;
  if (word === undefined) throw new SqlRefused('a date part is a word, such as month, or a text');
  return toDatePart(word);
};

/** A literal is a timestamp; Postgres would take it for one with a time zone. */
const asTimestamp = (node: unknown): unknown =>
  nodeOf(node, 'A_Const')?.sval === undefined ? node : castNode(node, 'timestamp');

const demandCount = (name: string, args: readonly unknown[], least: number, most = least): void => {
  if (args.length >= least && args.length <= most) return;
  const wanted = least === most ? `${least}` : `${least} to ${most}`;
  throw new SqlRefused(`the function ${name} takes ${wanted} values, got ${args.length}`);
};

/** Two nulls are equal to DECODE, to nothing else (r_DECODE_expression). */
const decode: CallRule = ([value, ...pairs]) => {
  if (pairs.length < 2) throw new SqlRefused('the function decode takes 3 values or more');
  const whens = Array.from({ length: Math.floor(pairs.length / 2) }, (_, n): readonly [unknown, unknown] => {
    const search = pairs[2 * n];
    const areNull = boolNode('AND_EXPR', isNullNode(value), isNullNode(search));
    return [boolNode('OR_EXPR', operatorNode('=', value, search), areNull), pairs[2 * n + 1]];
  });
  return caseNode(whens, pairs.length % 2 === 1 ? pairs.at(-1) : undefined);
};

/** ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING, by the bits of frameOptions in parsenodes.h. */
const WHOLE_PARTITION = 0x1 | 0x4 | 0x10 | 0x20 | 0x100;

/** r_LISTAGG, r_WF_LISTAGG */
const listagg =
  (isDistinct: boolean): CallRule =>
  (args, call) => {
    demandCount('listagg', args, 1, 2);
    const values = [castNode(args[0], 'text'), args[1] ?? textNode('')];
    const order = list(call.agg_order);
    if (!isFields(call.over)) {
      const distinct = isDistinct ? { agg_distinct: true, agg_order: order.map(orderAsText) } : {};
      return callNode('string_agg', values, {
        ...(order.length > 0 ? { agg_order: order } : {}),
        ...distinct,
      });
    }
    if (isDistinct) throw notKnownHere('LISTAGG (DISTINCT …) OVER');
    const over = { ...call.over, frameOptions: WHOLE_PARTITION };
    return callNode('string_agg', values, {
      over: order.length > 0 ? { ...over, orderClause: order } : over,
    });
  };

/** Postgres orders distinct values by what it aggregates, which is text. */
const orderAsText = (item: unknown): unknown => {
  const sort = nodeOf(item, 'SortBy');
  return sort === undefined ? item : { SortBy: { ...sort, node: castNode(sort.node, 'text') } };
};

/** r_WF_RATIO_TO_REPORT */
const ratioToReport: CallRule = ([value], call) => {
  if (!isFields(call.over)) throw redshiftRefuses('ratio_to_report without OVER', 'r_WF_RATIO_TO_REPORT');
  const total = callNode('sum', [value], { over: call.over });
  return operatorNode('/', castNode(value, 'float8'), callNode('nullif_zero', [castNode(total, 'float8')]));
};

/** A last argument of true gives null for invalid JSON (JSON_EXTRACT_PATH_TEXT). */
const json =
  (name: string): CallRule =>
  (args) => {
    const last = nodeOf(args.at(-1), 'A_Const')?.boolval;
    if (!isFields(last)) return undefined;
    const [text, ...path] = args.slice(0, -1);
    return callNode(name, [last.boolval === true ? callNode('json_or_null', [text]) : text, ...path]);
  };

const between =
  (name: string): CallRule =>
  (args) => {
    demandCount(name, args, 3);
    return callNode(name, [textNode(readPart(args[0])), asTimestamp(args[1]), asTimestamp(args[2])]);
  };

const RULES: Readonly<Record<string, CallRule>> = {
  nvl: (args) => ({ CoalesceExpr: { args } }),
  nvl2: (args) => {
    demandCount('nvl2', args, 3);
    return caseNode([[isNullNode(args[0], true), args[1]]], args[2]);
  },
  decode,
  concat: (args) => operatorNode('||', args[0], args[1]),
  dateadd: (args) => {
    demandCount('dateadd', args, 3);
    return callNode('dateadd', [textNode(readPart(args[0])), args[1], asTimestamp(args[2])]);
  },
  datediff: between('datediff'),
  date_part: (args) => {
    demandCount('date_part', args, 2);
    return callNode('date_part', [textNode(readPart(args[0])), asTimestamp(args[1])]);
  },
  date_trunc: (args) => {
    demandCount('date_trunc', args, 2);
    return callNode('date_trunc', [textNode(readPart(args[0])), asTimestamp(args[1])]);
  },
  trunc: (args) => (args.length === 1 ? callNode('trunc', args.map(asTimestamp)) : undefined),
  convert_timezone: (args) => {
    demandCount('convert_timezone', args, 2, 3);
    return callNode('convert_timezone', [...args.slice(0, -1), asTimestamp(args.at(-1))]);
  },
  listagg: listagg(false),
  [MARKS.distinctList]: listagg(true),
  ratio_to_report: ratioToReport,
  json_serialize: (args) => callNode('super_serialize', args),
  json_extract_path_text: json('json_extract_path_text'),
  json_extract_array_element_text: json('json_extract_array_element_text'),
  json_array_length: json('json_array_length'),
};
