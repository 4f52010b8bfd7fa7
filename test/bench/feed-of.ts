import type { ColumnContract, ColumnType, Contract } from '../../shared/model/contract.ts';

const printType = (type: ColumnType): string => {
  if (type.kind === 'varchar') return `varchar(${type.length})`;
  return type.kind === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : type.kind;
};

export const pathOf = ({ source }: ColumnContract): string => (source.kind === 'path' ? source.path : '');

const printColumn = (column: ColumnContract): string => {
  const { name, many, keyPath, valuePath } = column;
  const type = printType(column.type);
  if (many !== 'map') return `      ${name}: ${type} <- ${pathOf(column)}`;
  return `      ${name}: { type: ${type}, path: ${pathOf(column)}, many: map, keyPath: ${keyPath}, valuePath: ${valuePath} }`;
};

/** The feed file of landed documents that comes to a contract: rows of the first table have its first column as key, child rows refer to it. */
export const toFeed = (name: string, { tables: [top, ...children], namespaces }: Contract): string => {
  const key = top?.columns[0]?.name;
  const printed = [top, ...children].flatMap((table) => {
    if (table === undefined) return [];
    const stands =
      table === top ? ['    disposition: merge', `    key: [${key}]`] : [`    parent: { of_${key}: ${key} }`];
    const columns = table.columns.map((column) => printColumn(column));
    return [`  bench.${table.name}:`, `    rows: ${table.rows}`, ...stands, '    columns:', ...columns];
  });
  const known = Object.keys(namespaces).length > 0 ? [`namespaces: ${JSON.stringify(namespaces)}`] : [];
  return [`feed: ${name}`, 'source: { s3: {} }', ...known, 'tables:', ...printed, ''].join('\n');
};
