import type { TableContract } from '../../model/contract.ts';
import { append } from './append.ts';
import type { Disposition } from './disposition.ts';
import { merge } from './merge.ts';
import { replace } from './replace.ts';

const DISPOSITIONS: Readonly<Record<TableContract['disposition'], Disposition>> = { append, merge, replace };

export const dispositionOf = ({ disposition }: Pick<TableContract, 'disposition'>): Disposition =>
  DISPOSITIONS[disposition];
