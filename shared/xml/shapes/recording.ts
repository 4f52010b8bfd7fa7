import type { Found } from '../../values/found.ts';
import type { Attributes } from '../attributes.ts';
import type { Check } from '../matcher-shape.ts';
import { isNamed, XSI_URI } from '../names.ts';
import type { Guard, Holding } from '../record.ts';
import type { Choice, State } from '../state.ts';
import type { Frame, Walk } from '../walk.ts';
import { attributeKey } from './parts.ts';
import type { Recording } from './recorded.ts';
import type { Shapes } from './shapes.ts';

/** Writes down what the walk does with a record, where one is recorded. */

/** What a value is made of: the attribute of that number, or one of these. */
export type Origin = number;
export const OF_OTHER = -1;
export const OF_ELEMENT = -2;
export const OF_NODE = -3;
export const OF_TAG = -4;
export const OF_PAIR = -5;

/** Starts to record, where the element that opens is a plain record in plain surroundings. */
export const beginRecording = (walk: Walk, shapes: Shapes, attributes: Attributes): void => {
  const parent = walk.frames[walk.depth - 1];
  if (shapes.credit <= 0 || parent === undefined || !isRecordable(walk, shapes, parent)) return;
  shapes.credit -= 1;
  const recording: Recording = {
    startEnd: shapes.scan.at,
    pieces: walk.pieces,
    fed: shapes.fed(),
    holdings: [],
    rowEnds: [],
    puts: [],
    tests: [],
    blanks: [],
    fixed: new Set(),
    entered: [],
    leaves: [],
    seen: [],
    elsewhere: 0,
    deepest: walk.depth,
    tag: -1,
    texts: 0,
    textEnd: 0,
    pair: undefined,
    isSpoiled: false,
  };
  walk.recording = recording;
  recordTag(recording, walk, attributes, choiceOf(parent));
};

/** What the parent's last child had to be chosen from. */
const choiceOf = ({ state, expected }: Frame): Choice | State | undefined => state.next[expected - 1]?.to;

const isRecordable = (walk: Walk, shapes: Shapes, parent: Frame): boolean => {
  if (shapes.fed() !== walk.fedBefore()) return false;
  if (walk.captures.length > 0 || walk.allText.length > 0) return false;
  const { texts, subtrees } = parent.state;
  // What counts siblings counts those before the record.
  const nodes = [...(choiceOf(parent)?.candidates ?? []), ...walk.top.state.late];
  return texts.length === 0 && subtrees.length === 0 && !nodes.some(countsSiblings);
};

const countsSiblings = ({ checks }: State['late'][number]): boolean =>
  checks.some(({ kind }) => kind === 'position');

/** A start tag, of the record or within it. */
export const recordTag = (
  recording: Recording,
  { top: { state }, depth }: Walk,
  attributes: Attributes,
  chosenFrom: Choice | State | undefined,
): void => {
  recording.texts = 0;
  recording.tag += 1;
  recording.entered.push(state);
  recording.deepest = Math.max(recording.deepest, depth);
  if (state.isUnread && state.trail === undefined) recording.elsewhere += 1;
  const { list, declares } = attributes;
  if (declares) recording.isSpoiled = true;
  if (list.length === 0) return;
  const checks = [...(chosenFrom?.candidates ?? []), ...state.late].flatMap((node) => node.checks);
  for (const [index, { uri, local }] of list.entries()) {
    if (local === 'nil' && uri === XSI_URI) recording.isSpoiled = true;
    if (checks.some((check) => looksAt(check, uri, local)))
      recording.fixed.add(attributeKey(recording.tag, index));
    const seen = state.seen.find((one) => one.local === local && one.uri === uri);
    if (seen !== undefined) recording.seen.push(seen);
  }
};

const looksAt = (check: Check, uri: string, local: string): boolean =>
  check.kind === 'attribute' && isNamed(check.name, uri, local);

export const recordClose = (recording: Recording, state: State, isLeaf: boolean): void => {
  recording.texts = 0;
  if (isLeaf) recording.leaves.push(state);
};

export const recordText = (recording: Recording, { scan }: Shapes): void => {
  recording.texts += 1;
  recording.textEnd = scan.seen - 1;
};

/** A text node without words, an empty section too. Where it is of several texts, each of them might have some. */
export const recordBlank = (recording: Recording): void => {
  if (recording.texts === 0) return;
  if (recording.texts > 1) recording.isSpoiled = true;
  recording.blanks.push(recording.textEnd);
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
  found: Found,
  origin: Origin,
): void => {
  const { texts, tag, pair, puts } = recording;
  const isText = origin === OF_ELEMENT || origin === OF_NODE;
  const isKnown = origin === OF_PAIR ? pair !== undefined : typeof found === 'string';
  if (origin === OF_OTHER || !isKnown || (isText && texts > 1)) {
    recording.isSpoiled = true;
    return;
  }
  puts.push({
    holding,
    slot,
    guards,
    textEnd: isText && texts === 1 ? recording.textEnd : undefined,
    attribute: origin >= 0 ? attributeKey(tag, origin) : undefined,
    pair: origin === OF_PAIR && pair !== undefined ? { ...pair, before: puts.length } : undefined,
    value: typeof found === 'string' ? found : '',
    isNode: origin === OF_NODE,
  });
};

/** A text that a predicate compares. */
export const recordTest = (recording: Recording, frame: Frame, value: string): void => {
  if (frame.hasElements || recording.texts > 1) recording.isSpoiled = true;
  if (recording.texts === 1)
    recording.tests.push({ textEnd: recording.textEnd, value, isEqual: frame.allText === value });
};
