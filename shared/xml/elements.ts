import { XmlLimitExceeded } from '../errors.ts';
import { fail } from '../values/failure.ts';
import { isOnlySpace } from '../values/space.ts';
import { type Attributes, isNil, NO_ATTRIBUTES, readAttributes, resolveName } from './attributes.ts';
import { addNext, inScope, internScope, outcomeOf, toLookUp } from './automaton.ts';
import { meetsEarlyChecks, meetsLateChecks } from './checks.ts';
import { contextsOf, openContexts } from './contexts.ts';
import { closeLate, hold, put, VALUE_COST } from './holdings.ts';
import {
  addToCaptures,
  beginSubtrees,
  checkCaptures,
  endCapture,
  openCaptures,
  putName,
  putPair,
  putSubtrees,
} from './keep.ts';
import { countElement, putAttributes } from './put-attributes.ts';
import { type Context, type Guard, newRow } from './record.ts';
import { checkRoot } from './roots.ts';
import { learn } from './shapes/learn.ts';
import {
  beginRecording,
  OF_ELEMENT,
  OF_NODE,
  recordBlank,
  recordClose,
  recordRow,
  recordTag,
  recordTest,
  recordText,
} from './shapes/recording.ts';
import type { Choice, State } from './state.ts';
import { type Frame, newFrame, type Walk } from './walk.ts';
import { type Raw, readWritten, release, toKept, toRaw, type WrittenAttributes } from './written.ts';

/** What is done at each start tag, text and end tag. Most elements are of passive or dead states and cost a look-up. */

/** What a row costs of the record's size besides its values. */
const ROW_COST = 128;
const COSTS = { row: ROW_COST, value: VALUE_COST };

/** Whether the open element's text is wanted. */
const wantsText = (walk: Walk): boolean =>
  walk.top.state.takesText || walk.allText.length > 0 || walk.captures.length > 0;

/** A start tag; `raw` is undefined when it has no attributes. Gives whether the text that follows is wanted. */
export const openElement = (
  walk: Walk,
  name: string,
  raw: Readonly<Record<string, string>> | undefined,
): boolean => {
  if (raw === undefined) return openWith(walk, name, NO_ATTRIBUTES, undefined);
  const attributes = readAttributes(raw, walk.top.state.scope, walk.refuseMalformed);
  return openWith(walk, name, attributes, raw);
};

/** The same of a start tag that the scanner has read. */
export const openWritten = (walk: Walk, name: string, written: WrittenAttributes | undefined): boolean => {
  if (written === undefined) return openWith(walk, name, NO_ATTRIBUTES, undefined);
  const attributes = readWritten(written, walk.top.state.scope, walk.refuseMalformed);
  const wants = openWith(walk, name, attributes, written);
  release(attributes);
  return wants;
};

const openWith = (
  walk: Walk,
  name: string,
  attributes: Attributes,
  given: Raw | WrittenAttributes | undefined,
): boolean => {
  const parent = walk.top;
  if (!parent.hasElements && parent.state.subtrees.length > 0) beginSubtrees(walk, parent);
  parent.hasElements = true;
  walk.textLength = 0;
  let from = parent.state;
  if (attributes.hasDeclarations) {
    checkNamespaces(walk, attributes);
    from = inScope(walk.automaton, from, internScope(walk.automaton, attributes.scope));
  }
  const next = find(walk, from, parent, name);
  const state = next.candidates === undefined ? next : choose(walk, next, parent, attributes);
  countElement(walk, state, attributes);
  const frame = enter(walk, state);
  if (parent.state.texts.length > 0) endText(walk, parent);
  else parent.text = '';
  if (walk.recording !== undefined) recordTag(walk.recording, walk, attributes, next);
  if (walk.depth === 1) checkRoot(walk, from, name);
  if (walk.captures.length > 0)
    addToCaptures(walk, { name, raw: toRaw(given), attributes: toKept(attributes), scope: from.scope });
  if (state.isDead) return walk.allText.length > 0 || walk.captures.length > 0;
  frame.text = '';
  frame.counters = undefined;
  frame.isNil =
    attributes.list.length > 0 && (state.takesText || state.captures.length > 0) && isNil(attributes);
  if (state.isPassive) frame.open = parent.open;
  else openHolders(walk, frame, parent, attributes);
  if (attributes.list.length > 0 && state.attributes.length > 0) putAttributes(walk, frame, attributes);
  if (state.names.length > 0) putName(walk, frame, name);
  if (state.captures.length > 0 || state.subtrees.length > 0)
    openCaptures(walk, frame, { name, raw: toRaw(given), attributes: toKept(attributes), scope: from.scope });
  return wantsText(walk);
};

const checkNamespaces = ({ limits, refuse }: Walk, { scope }: Attributes): void => {
  if (scope.count > limits.namespaceCount) {
    refuse(XmlLimitExceeded, `namespaces in scope are over namespaceCount, ${limits.namespaceCount}`);
  }
};

/** Goes one level down. */
const enter = (walk: Walk, state: State): Frame => {
  const depth = walk.depth + 1;
  if (depth > walk.limits.depth)
    walk.refuse(XmlLimitExceeded, `elements are over depth, ${walk.limits.depth} levels`);
  walk.depth = depth;
  const frame = frameAt(walk, depth, state);
  walk.top = frame;
  frame.state = state;
  frame.expected = 0;
  frame.hasElements = false;
  frame.shapes = undefined;
  return frame;
};

/** The frame of a depth; it is used again for each element there. */
const frameAt = (walk: Walk, depth: number, state: State): Frame => {
  const known = walk.frames[depth];
  if (known !== undefined) return known;
  const frame = newFrame(state, depth);
  walk.frames.push(frame);
  return frame;
};

/** Where the name leads: the sibling that followed last time, or a look-up. */
const find = (walk: Walk, own: State, parent: Frame, raw: string): State | Choice => {
  const expected = own.next[parent.expected];
  if (expected !== undefined && expected.name === raw) {
    parent.expected += 1;
    return expected.to;
  }
  let from = own;
  let index = from.indexes.get(raw);
  if (index === undefined) {
    from = toLookUp(walk.automaton, own);
    index = from.indexes.get(raw);
  }
  if (index === undefined) {
    const name = resolveName(raw, from.scope, 'element', walk.refuseMalformed);
    index = addNext(walk.automaton, from, { raw, ...name });
  }
  parent.expected = index + 1;
  const found = from.next[index];
  if (found === undefined) throw new Error(`no transition ${index}`);
  return found.to;
};

const choose = (walk: Walk, choice: Choice, parent: Frame, attributes: Attributes): State => {
  const matched = choice.candidates.map((node) => meetsEarlyChecks(node, parent, attributes));
  return outcomeOf(walk.automaton, choice, matched);
};

/** Opens what the element's state says: guards first, since values and rows in it depend on them. */
const openHolders = (walk: Walk, frame: Frame, parent: Frame, attributes: Attributes): void => {
  const { state } = frame;
  if (state.takesAllText) {
    frame.allText = '';
    walk.allText.push(frame);
  }
  if (state.rows.length > 0 && walk.recordDepth === 0) beginRecord(walk, attributes);
  openContexts(walk, frame, parent, attributes);
  for (const { table, anchored } of state.rows) openRow(walk, table, contextsOf(walk, walk.depth, anchored));
};

const beginRecord = (walk: Walk, attributes: Attributes): void => {
  walk.recordDepth = walk.depth;
  walk.recordPiece = walk.pieces;
  walk.recordFed = walk.fedBefore();
  walk.held = 0;
  freezeAround(walk);
  walk.recording = undefined;
  if (walk.shapes !== undefined) beginRecording(walk, walk.shapes, attributes);
};

/** The first record freezes what stands around it, wherever the reading begins. */
export const freezeAround = (walk: Walk): void => {
  for (const holding of walk.unfrozen) holding.isFrozen = true;
  walk.unfrozen.length = 0;
};

const openRow = (walk: Walk, table: number, contexts: readonly Context[]): void => {
  const holding = contexts[0]?.holding;
  if (holding === undefined) return;
  const guards = contexts.length === 1 && contexts[0]?.guard === undefined ? NO_GUARDS : guardsOf(contexts);
  if (walk.recording !== undefined && walk.shapes !== undefined) recordRow(walk.recording, walk.shapes);
  const of = guards.length < contexts.length ? undefined : guards;
  const row = newRow(table, holding, of, walk.position());
  holding.rows[table] = row;
  walk.rows.push(row);
  hold(walk, ROW_COST);
};

const NO_GUARDS: readonly Guard[] = [];
const guardsOf = (contexts: readonly Context[]): readonly Guard[] =>
  contexts.flatMap(({ guard }) => guard ?? []);

/** Character data of the open element. */
export const addText = (walk: Walk, text: string): void => {
  walk.textLength += text.length;
  if (walk.recording !== undefined && walk.shapes !== undefined) recordText(walk.recording, walk.shapes);
  if (walk.textLength > walk.limits.textLength) {
    walk.refuse(XmlLimitExceeded, `a text is over textLength, ${walk.limits.textLength} characters`);
  }
  const { top } = walk;
  if (top.state.takesText) {
    top.text = top.text === '' ? text : top.text + text;
    if (top.text.length > walk.limits.recordSize) hold(walk, top.text.length);
  }
  for (const { capture } of walk.captures) capture.text(text);
  for (const frame of walk.allText) frame.allText += text;
  if (walk.captures.length > 0 || walk.allText.length > 0) checkCaptures(walk);
};

/** Ends a text node of an element whose text() is mapped: a child element begins, or the element closes. */
const endText = (walk: Walk, frame: Frame): void => {
  if (frame.text === '' && walk.recording === undefined) return;
  // White space alone is how a document is laid out: an element with words in one record has a child in the next.
  if (isOnlySpace(frame.text)) {
    if (walk.recording !== undefined) recordBlank(walk.recording);
  } else for (const placed of frame.state.texts) put(walk, frame, placed, frame.text, OF_NODE);
  // The element's own value, should it be mapped too, is a failure by now or is complete.
  if (walk.top !== frame) frame.text = '';
};

/** An end tag. Gives whether the text that follows is wanted. */
export const closeElement = (walk: Walk): boolean => {
  const frame = walk.top;
  const { state } = frame;
  walk.textLength = 0;
  for (const { capture } of walk.captures) capture.close();
  if (!state.isDead) {
    if (state.subtrees.length > 0) putSubtrees(walk, frame);
    if (state.values.length > 0) putValues(walk, frame);
    if (!state.isPassive) closeHolders(walk, frame);
  }
  const isLeaf = state.isUnread && !frame.hasElements;
  if (isLeaf) state.leaves += 1;
  if (walk.recording !== undefined) recordClose(walk.recording, state, isLeaf);
  walk.depth -= 1;
  walk.top = walk.frames[walk.depth] ?? frame;
  return wantsText(walk);
};

const putValues = (walk: Walk, frame: Frame): void => {
  const value = frame.isNil
    ? null
    : frame.hasElements
      ? fail('the element has child elements; map one of them, or its text()')
      : frame.text;
  for (const placed of frame.state.values) put(walk, frame, placed, value, OF_ELEMENT);
};

const closeHolders = (walk: Walk, frame: Frame): void => {
  const { state } = frame;
  if (state.texts.length > 0) endText(walk, frame);
  if (state.takesAllText) decide(walk, frame);
  for (const _ of state.captures) endCapture(walk, frame);
  for (const pair of state.pairs) putPair(walk, frame, pair);
  const parent = walk.frames[walk.depth - 1] ?? frame;
  for (const node of state.late) {
    const late = frame.guards?.get(node.id);
    if (late === undefined) continue;
    late.core.outcome = meetsLateChecks(node, parent, late.core);
    for (const guard of late.guards) closeLate(walk, guard);
  }
  if (walk.recordDepth === walk.depth) {
    const { rows } = walk;
    walk.rows = [];
    walk.recordDepth = 0;
    if (walk.shapes !== undefined) learn(walk, walk.shapes, rows, COSTS);
    walk.onRecord(rows);
  }
  while ((walk.unfrozen.at(-1)?.depth ?? 0) >= walk.depth) walk.unfrozen.pop();
  frame.contexts = [];
  frame.guards = undefined;
};

/** Tells the parent's guard whether this child's text is the one that its predicate names. */
const decide = (walk: Walk, frame: Frame): void => {
  walk.allText.pop();
  for (const { late, check, value } of frame.state.deciders) {
    if (walk.recording !== undefined) recordTest(walk.recording, frame, value);
    if (frame.allText === value) walk.frames[frame.depth - 1]?.guards?.get(late)?.core.met.add(check);
  }
};
