import { isFields, list, names, nodeOf } from './node-rules.ts';
import type { TableName } from './reader.ts';

/** A column by which a statement finds the rows of a table that it changes. */
export interface MetColumn {
  readonly table: TableName;
  readonly column: string;
}

/** Of UPDATE … FROM and DELETE … USING whose WHERE begins with `table.column = …`; of tables with a schema, which are not temporary. */
export const metColumns = (statement: unknown): readonly MetColumn[] => {
  const update = nodeOf(statement, 'UpdateStmt');
  const node = update ?? nodeOf(statement, 'DeleteStmt');
  const relation = isFields(node?.relation) ? node.relation : {};
  const { schemaname: schema, relname: name } = relation;
  const joined = list(update === undefined ? node?.usingClause : update.fromClause);
  if (typeof schema !== 'string' || typeof name !== 'string' || joined.length === 0) return [];
  const condition = firstOf(node?.whereClause);
  if (condition?.kind !== 'AEXPR_OP' || names(condition.name).join() !== '=') return [];
  const [of, column] = names(nodeOf(condition.lexpr, 'ColumnRef')?.fields);
  return of === name && column !== undefined ? [{ table: { schema, name }, column }] : [];
};

const firstOf = (condition: unknown): Readonly<Record<string, unknown>> | undefined => {
  const all = nodeOf(condition, 'BoolExpr');
  return nodeOf(all?.boolop === 'AND_EXPR' ? list(all.args)[0] : condition, 'A_Expr');
};
