import { XmlLimitExceeded } from '../errors.ts';
import { isOnlySpace } from '../values/space.ts';
import { lengthOf, NO_SPAN, type Span } from '../values/spans.ts';
import { hold, keepText, put } from './holdings.ts';
import { checkCaptures } from './keep.ts';
import type { Frame, Walk } from './walk.ts';

/** What is done at each text: the open element keeps it, as a span while it can be one. */

export const clearText = (frame: Frame): void => {
  frame.text = '';
  frame.span = NO_SPAN;
};

/** Character data of the open element. */
export const addText = (walk: Walk, text: string): void => {
  walk.textLength += text.length;
  if (walk.textLength > walk.limits.textLength) {
    walk.refuse(XmlLimitExceeded, `a text is over textLength, ${walk.limits.textLength} characters`);
  }
  const { top } = walk;
  if (top.state.takesText) {
    keepText(walk, top);
    top.text = top.text === '' ? text : top.text + text;
    if (top.text.length > walk.limits.recordSize) hold(walk, top.text.length);
  }
  for (const { capture } of walk.captures) capture.text(text);
  for (const frame of walk.allText) frame.allText += text;
  if (walk.captures.length > 0 || walk.allText.length > 0) checkCaptures(walk);
};

/** The same of a text that is a span: it stays one where it is the element's first, and nothing else wants it. */
export const addSpan = (walk: Walk, span: Span): void => {
  const { top, limits } = walk;
  const length = lengthOf(span);
  const isAlone = top.state.takesSpans && top.span === NO_SPAN && top.text === '';
  if (
    !isAlone ||
    walk.captures.length > 0 ||
    walk.allText.length > 0 ||
    walk.textLength + length > limits.textLength ||
    length > limits.recordSize
  ) {
    addText(walk, walk.textAt(span));
    return;
  }
  walk.textLength += length;
  top.span = span;
};

/** Ends a text node of an element whose text() is mapped: a child element begins, or the element closes. */
export const endText = (walk: Walk, frame: Frame): void => {
  if (frame.text === '') return;
  // White space alone is how a document is laid out: an element with words in one record has a child in the next.
  if (!isOnlySpace(frame.text)) for (const placed of frame.state.texts) put(walk, frame, placed, frame.text);
  // The element's own value, should it be mapped too, is a failure by now or is complete.
  if (walk.top !== frame) frame.text = '';
};
