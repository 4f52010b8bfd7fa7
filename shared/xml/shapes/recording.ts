import type { Found } from '../../values/found.ts';
import type { Guard, Holding } from '../record.ts';
import type { State } from '../state.ts';
import type { Frame, Walk } from '../walk.ts';
import type { Shapes } from './shapes.ts';

/**
 * What the walk does with one plain record, written down while it does it. Whatever cannot be told from the texts and tags of the record
 * alone spoils the recording: then the record has no shape.
 */
export interface Recording {
  /** Where its start tag ends, among the bytes that are scanned. */
  readonly startEnd: number;
  readonly pieces: number;
  readonly fed: number;
  readonly holdings: Holding[];
  /** Where the start tags of its rows end. */
  readonly rowEnds: number[];
  readonly puts: Put[];
  readonly tests: { readonly textEnd: number; readonly value: string; readonly isEqual: boolean }[];
  /** Where text nodes end that count as none, being only white space. */
  readonly blanks: number[];
  readonly entered: State[];
  readonly leaves: State[];
  elsewhere: number;
  /** Texts since the last tag, and where the last of them ends. */
  texts: number;
  textEnd: number;
  isSpoiled: boolean;
}

export interface Put {
  readonly holding: Holding;
  readonly slot: number;
  readonly guards: readonly Guard[] | undefined;
  /** Where the text ends that it is; undefined where there was none. */
  readonly textEnd: number | undefined;
  readonly value: string;
  readonly isNode: boolean;
}

/** What a value is made of: an element's text, one of its text nodes, or anything else. */
export type Origin = 'element' | 'node' | undefined;

/** Starts to record, where the element that opens is a plain record in plain surroundings. */
export const beginRecording = (walk: Walk, shapes: Shapes, hasAttributes: boolean): void => {
  if (shapes.credit <= 0 || hasAttributes || !isRecordable(walk, shapes)) return;
  shapes.credit -= 1;
  const { state } = walk.top;
  walk.recording = {
    startEnd: shapes.scan.at,
    pieces: walk.pieces,
    fed: shapes.fed(),
    holdings: [],
    rowEnds: [],
    puts: [],
    tests: [],
    blanks: [],
    entered: [state],
    leaves: [],
    elsewhere: 0,
    texts: 0,
    textEnd: 0,
    isSpoiled: false,
  };
};

const isRecordable = (walk: Walk, shapes: Shapes): boolean => {
  const parent = walk.frames[walk.depth - 1];
  if (parent === undefined || shapes.fed() !== walk.fedBefore()) return false;
  if (walk.captures.length > 0 || walk.allText.length > 0) return false;
  const { texts, subtrees, next } = parent.state;
  // Which state the record comes to depends on more than its name.
  if (next[parent.expected - 1]?.to.candidates !== undefined) return false;
  return texts.length === 0 && subtrees.length === 0 && !walk.top.state.late.some(countsSiblings);
};

const countsSiblings = ({ checks }: State['late'][number]): boolean =>
  checks.some(({ kind }) => kind === 'position');

/** A start tag within the record. */
export const recordTag = (recording: Recording, state: State, hasAttributes: boolean): void => {
  recording.texts = 0;
  recording.entered.push(state);
  if (state.isUnread && state.trail === undefined) recording.elsewhere += 1;
  if (hasAttributes) recording.isSpoiled = true;
};

export const recordClose = (recording: Recording, state: State, isLeaf: boolean): void => {
  recording.texts = 0;
  if (isLeaf) recording.leaves.push(state);
};

export const recordText = (recording: Recording, { scan }: Shapes): void => {
  recording.texts += 1;
  recording.textEnd = scan.seen - 1;
};

export const recordBlank = ({ blanks, textEnd }: Recording): void => {
  blanks.push(textEnd);
};

export const recordRow = (recording: Recording, { scan }: Shapes): void => {
  recording.rowEnds.push(scan.seen);
};

/** A value that goes into a slot. */
export const recordPut = (
  recording: Recording,
  holding: Holding,
  slot: number,
  guards: readonly Guard[] | undefined,
  value: Found,
  origin: Origin,
): void => {
  const { texts } = recording;
  if (origin === undefined || texts > 1 || typeof value !== 'string') {
    recording.isSpoiled = true;
    return;
  }
  const textEnd = texts === 1 ? recording.textEnd : undefined;
  recording.puts.push({ holding, slot, guards, textEnd, value, isNode: origin === 'node' });
};

/** A text that a predicate compares. */
export const recordTest = (recording: Recording, frame: Frame, value: string): void => {
  if (frame.hasElements || recording.texts > 1) recording.isSpoiled = true;
  if (recording.texts === 1)
    recording.tests.push({ textEnd: recording.textEnd, value, isEqual: frame.allText === value });
};
