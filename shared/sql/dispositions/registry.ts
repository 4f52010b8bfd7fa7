import type { DispositionWord } from '../../model/disposition.ts';
import { append } from './append.ts';
import type { Disposition } from './disposition.ts';
import { history } from './history.ts';
import { merge } from './merge.ts';
import { replace } from './replace.ts';

const DISPOSITIONS: Readonly<Record<DispositionWord, Disposition>> = {
  append,
  replace,
  merge,
  history,
};

export const dispositionOf = ({ disposition }: { readonly disposition: DispositionWord }): Disposition =>
  DISPOSITIONS[disposition];
