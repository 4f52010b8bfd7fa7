import { type Fields, isFields, list, type NodeRule, nodeOf } from './node-rules.ts';
import { notKnownHere, redshiftRefuses } from './refusal.ts';
import { checkView } from './view.ts';

/** Postgres' lock mode 8, the only one that Redshift has (r_LOCK). */
const ACCESS_EXCLUSIVE = 8;

const checkLock: NodeRule = (node) => {
  if (node.mode !== ACCESS_EXCLUSIVE) throw redshiftRefuses('LOCK … IN … MODE', 'r_LOCK');
};

const checkInsert: NodeRule = (node) => {
  if (node.override !== 'OVERRIDING_NOT_SET') throw redshiftRefuses('OVERRIDING', 'r_INSERT_30');
  refuseAlias(node, 'INSERT', 'r_INSERT_30');
};

const checkDelete: NodeRule = (node) => {
  refuseAlias(node, 'DELETE', 'r_DELETE');
  if (list(node.usingClause).some((item) => nodeOf(item, 'RangeVar') === undefined)) {
    throw redshiftRefuses('DELETE … USING of anything but tables', 'r_DELETE');
  }
};

const refuseAlias = (node: Fields, statement: string, page: string): void => {
  if (isFields(node.relation) && node.relation.alias !== undefined) {
    throw redshiftRefuses(`an alias of the target of ${statement}`, page);
  }
};

/** Outer joins are not supported in its FROM clause; in a subquery they are (r_UPDATE). */
const checkUpdate: NodeRule = (node) => {
  refuseOuterJoin(node.fromClause);
};

const refuseOuterJoin = (value: unknown): void => {
  for (const item of Array.isArray(value) ? list(value) : [value]) {
    const join = nodeOf(item, 'JoinExpr');
    if (join === undefined) continue;
    if (join.jointype !== 'JOIN_INNER')
      throw redshiftRefuses('an outer join in the FROM clause of UPDATE', 'r_UPDATE');
    refuseOuterJoin(join.larg);
    refuseOuterJoin(join.rarg);
  }
};

/** Both WHEN clauses, one of each, no condition but equality, the target without an alias (r_MERGE). */
const checkMerge: NodeRule = (node) => {
  refuseAlias(node, 'MERGE', 'r_MERGE');
  const source = nodeOf(node.sourceRelation, 'RangeVar');
  if (source === undefined) throw notKnownHere('a source of MERGE that is not a table');
  const target = isFields(node.relation) ? node.relation : {};
  if (source.relname === target.relname && source.schemaname === target.schemaname) {
    throw redshiftRefuses('MERGE with its own target as source', 'r_MERGE');
  }
  const clauses = list(node.mergeWhenClauses).map((clause) => nodeOf(clause, 'MergeWhenClause'));
  const kinds = clauses.map((clause) => `${clause?.matchKind} ${clause?.commandType}`);
  const isMatched = ['MERGE_WHEN_MATCHED CMD_UPDATE', 'MERGE_WHEN_MATCHED CMD_DELETE'].includes(
    kinds[0] ?? '',
  );
  if (kinds.length !== 2 || !isMatched || kinds[1] !== 'MERGE_WHEN_NOT_MATCHED_BY_TARGET CMD_INSERT') {
    throw redshiftRefuses(
      'MERGE without exactly one WHEN MATCHED (UPDATE or DELETE) and then one WHEN NOT MATCHED (INSERT)',
      'r_MERGE',
    );
  }
  checkEquality(node.joinCondition);
};

const checkEquality = (condition: unknown): void => {
  const conjunction = nodeOf(condition, 'BoolExpr');
  if (conjunction?.boolop === 'AND_EXPR') {
    for (const part of list(conjunction.args)) checkEquality(part);
    return;
  }
  const operator = nodeOf(condition, 'A_Expr');
  const name = nodeOf(list(operator?.name)[0], 'String')?.sval;
  if (operator?.kind !== 'AEXPR_OP' || name !== '=') {
    throw redshiftRefuses('a MERGE condition other than equality', 'r_MERGE');
  }
};

const checkDrop: NodeRule = (node) => {
  if (!['OBJECT_TABLE', 'OBJECT_VIEW'].includes(String(node.removeType)))
    throw notKnownHere(`DROP ${String(node.removeType)}`);
};

const checkCreateTableAs: NodeRule = (node) => {
  if (node.objtype !== 'OBJECT_TABLE') throw notKnownHere('CREATE MATERIALIZED VIEW');
};

const checkSet: NodeRule = (node) => {
  if (node.name !== 'statement_timeout' || node.kind !== 'VAR_SET_VALUE') {
    throw notKnownHere(`SET ${String(node.name)}`);
  }
};

export const STATEMENT_RULES: Readonly<Record<string, NodeRule>> = {
  CreateTableAsStmt: checkCreateTableAs,
  DeleteStmt: checkDelete,
  DropStmt: checkDrop,
  InsertStmt: checkInsert,
  LockStmt: checkLock,
  MergeStmt: checkMerge,
  UpdateStmt: checkUpdate,
  VariableSetStmt: checkSet,
  ViewStmt: checkView,
};
