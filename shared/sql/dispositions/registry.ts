import type { DispositionWord } from '../../model/disposition.ts';
import { append } from './append.ts';
import type { Disposition } from './disposition.ts';
import { merge } from './merge.ts';
import { replace } from './replace.ts';

const DISPOSITIONS: Readonly<Record<DispositionWord, Disposition>> = { append, merge, replace };

export const dispositionOf = ({ disposition }: { readonly disposition: DispositionWord }): Disposition =>
  DISPOSITIONS[disposition];
