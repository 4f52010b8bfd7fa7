import { need, readQualifiedName, type Scanner, skipSpace, take, wrong } from './dtd-scanner.ts';

/** The content model of an element: EMPTY, ANY, mixed, or groups of one connector each. Only its form counts. */
export const readContentModel = (s: Scanner): void => {
  if (take(s, 'EMPTY') || take(s, 'ANY')) return;
  need(s, '(');
  skipSpace(s);
  if (take(s, '#PCDATA')) readMixed(s);
  else readGroups(s);
};

const readMixed = (s: Scanner): void => {
  let hasNames = false;
  for (skipSpace(s); take(s, '|'); skipSpace(s)) {
    skipSpace(s);
    readQualifiedName(s);
    hasNames = true;
  }
  need(s, ')');
  if (!take(s, '*') && hasNames) wrong(s, 'no * after names beside #PCDATA');
};

const takeOccurrence = (s: Scanner): boolean => take(s, '?') || take(s, '*') || take(s, '+');

/** Groups may be as deep as the text is long, so the open ones stand in a list: each by its connector, once that is known. */
const readGroups = (s: Scanner): void => {
  const open: (string | undefined)[] = [undefined];
  while (open.length > 0) {
    skipSpace(s);
    if (take(s, '(')) {
      open.push(undefined);
      continue;
    }
    readQualifiedName(s);
    takeOccurrence(s);
    closeGroups(s, open);
  }
};

/** After a particle: the ends of groups, then the connector to the next one, if a group is still open. */
const closeGroups = (s: Scanner, open: (string | undefined)[]): void => {
  for (skipSpace(s); take(s, ')'); skipSpace(s)) {
    open.pop();
    takeOccurrence(s);
    if (open.length === 0) return;
  }
  const connector = take(s, '|') ? '|' : take(s, ',') ? ',' : wrong(s, 'a malformed content model');
  const last = open.length - 1;
  if ((open[last] ?? connector) !== connector) wrong(s, 'both | and , in one group of a content model');
  open[last] = connector;
};
