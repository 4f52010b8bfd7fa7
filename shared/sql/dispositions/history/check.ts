import type { TableContract } from '../../../model/contract.ts';
import type { Disposition, TableFault } from '../disposition.ts';

const CURSORS: readonly string[] = ['timestamptz', 'timestamp', 'date'];

const cursorFaults = ({ sequence, key, columns }: TableContract): readonly TableFault[] => {
  const [cursor, second] = sequence;
  if (cursor === undefined) return [];
  if (second !== undefined)
    return [
      { at: ['sequence'], message: `got ${sequence.length} columns, allowed one: a version begins at it` },
    ];
  const kind = columns.find(({ name }) => name === cursor)?.type.kind;
  return [
    ...(kind === undefined || CURSORS.includes(kind)
      ? []
      : [{ at: ['sequence'], message: `got '${cursor}' of type ${kind}, allowed ${CURSORS.join(' ')}` }]),
    ...(key.includes(cursor)
      ? [
          {
            at: ['key'],
            message: `got '${cursor}', which is the sequence: allowed what a record's versions share`,
          },
        ]
      : []),
  ];
};

const ignoreFaults = ({ ignore, sequence, key, columns }: TableContract): readonly TableFault[] => {
  if (ignore === undefined) return [];
  if (sequence.length > 0)
    return [
      {
        at: ['ignore'],
        message: `allowed without a sequence only: every value of ${sequence.join(' ')} is a version, whatever has changed`,
        on: 'key',
      },
    ];
  const allowed = columns.map(({ name }) => name).filter((name) => !key.includes(name));
  return ignore.flatMap((name, at) =>
    allowed.includes(name)
      ? []
      : [
          {
            at: ['ignore', at],
            message: `got '${name}', allowed a column that is not of the key: ${allowed.join(' ')}`,
          },
        ],
  );
};

/** What is wrong with a table that is to be kept by history. */
export const checkHistory: NonNullable<Disposition['check']> = (table, { isWindowed }) => [
  ...cursorFaults(table),
  ...ignoreFaults(table),
  ...(isWindowed && table.sequence.length === 0
    ? [
        {
          at: ['sequence'],
          message:
            'is missing, allowed the column that a version begins at: windows may be loaded in any order, and only whole snapshots tell versions without it',
          on: 'key' as const,
        },
      ]
    : []),
  ...(table.adopt === true
    ? [
        {
          at: ['adopt'],
          message:
            'got true, allowed with append, replace and merge: rows of others say nothing of when they held; give the table another name',
        },
      ]
    : []),
];
