import { SYSTEM_SCHEMA } from '../system-objects.ts';

/** Makers of nodes of Postgres' parse tree, as the deparser wants them. */
type Node = Readonly<Record<string, unknown>>;

const stringNode = (sval: string): Node => ({ String: { sval } });

export const textNode = (sval: string): Node => ({ A_Const: { sval: { sval } } });

/** A call of a function of the system's own schema, or of the one that the search path finds. */
export const callNode = (name: string, args: readonly unknown[], more: Node = {}): Node => ({
  FuncCall: { funcname: [stringNode(name)], args, funcformat: 'COERCE_EXPLICIT_CALL', ...more },
});

export const ownCallNode = (name: string, args: readonly unknown[]): Node => ({
  FuncCall: {
    funcname: [stringNode(SYSTEM_SCHEMA), stringNode(name)],
    args,
    funcformat: 'COERCE_EXPLICIT_CALL',
  },
});

export const columnNode = (names: readonly string[]): Node => ({
  ColumnRef: { fields: names.map(stringNode) },
});

export const operatorNode = (operator: string, lexpr: unknown, rexpr: unknown): Node => ({
  A_Expr: { kind: 'AEXPR_OP', name: [stringNode(operator)], lexpr, rexpr },
});

export const isNullNode = (arg: unknown, isNot = false): Node => ({
  NullTest: { arg, nulltesttype: isNot ? 'IS_NOT_NULL' : 'IS_NULL' },
});

export const castNode = (arg: unknown, type: string): Node => ({
  TypeCast: { arg, typeName: { names: [stringNode(type)], typemod: -1 } },
});

export const caseNode = (whens: readonly (readonly [unknown, unknown])[], otherwise: unknown): Node => ({
  CaseExpr: {
    args: whens.map(([expr, result]) => ({ CaseWhen: { expr, result } })),
    ...(otherwise === undefined ? {} : { defresult: otherwise }),
  },
});

export const boolNode = (boolop: 'AND_EXPR' | 'OR_EXPR', ...args: readonly unknown[]): Node => ({
  BoolExpr: { boolop, args },
});
