import { hash, pick, toItemId, toJazzTime, toServerTime } from './seeded.ts';
import type { Content } from './shape.ts';

/** One state of one work item: what it holds follows from these alone. */
export interface Revision {
  readonly index: number;
  /** 0 as created, then 1, 2, … at every change. */
  readonly revision: number;
  readonly modifiedMs: number;
}

const PEOPLE = [
  'Ada Lovelace',
  'Grace Hopper',
  'Søren Kierkegaard',
  '李小龍',
  'Zoë O’Brien',
  'Émilie du Châtelet',
];
const PROJECTS = ['Turbine Control', 'Cabin Systems', 'Ground Station'];
const CATEGORIES = ['Firmware', 'User interface', 'Test bench', 'Documentation & help'];
const STATES = [
  { id: 'new', name: 'New', group: 'open' },
  { id: 'in_progress', name: 'In Progress', group: 'inprogress' },
  { id: 'resolved', name: 'Resolved', group: 'closed' },
];
const TYPES = [
  { id: 'defect', name: 'Defect' },
  { id: 'task', name: 'Task' },
  { id: 'story', name: 'Story <with markup>' },
];
const SEVERITIES = ['Minor', 'Normal', 'Major', 'Blocker'];
const SUBJECTS = ['valve', 'sensor "B"', 'pump & fan', 'display 𝄞', 'relay', 'gearbox', "operator's panel"];
const VERBS = [
  'leaks',
  'does not start',
  'reports < 0 °C',
  'restarts,\tthen stops',
  'shows 😀 instead of OK',
];
const WORDS = [
  'when',
  'the',
  'pressure',
  'drops',
  'below',
  'limit;',
  'see',
  '“log”',
  'café',
  '𝔘nicode',
  'and',
  'a,b',
];

export const contributor = (seed: number, n: number): Content => {
  const name = pick(PEOPLE, n);
  const userId = `user${n % PEOPLE.length}`;
  return { itemId: toItemId(seed, 'contributor', n % PEOPLE.length), userId, name };
};
export const CONTRIBUTORS = PEOPLE.length;

export const projectArea = (seed: number, n: number): Content => ({
  itemId: toItemId(seed, 'projectArea', n % PROJECTS.length),
  name: pick(PROJECTS, n),
});
export const PROJECT_AREAS = PROJECTS.length;

const sentence = (seed: number, words: number, ...place: readonly (number | string)[]): string => {
  const chosen: string[] = [];
  for (let i = 0; i < words; i += 1) chosen.push(pick(WORDS, hash(seed, ...place, i)));
  return chosen.join(' ');
};

const LARGE_EVERY = 400;
const LARGE_WORDS = 12_000;

const description = (seed: number, index: number): string | null => {
  const h = hash(seed, 'description', index);
  if (h % 9 === 0) return null;
  const body = sentence(seed, index % LARGE_EVERY === 7 ? LARGE_WORDS : 5 + (h % 60), 'text', index);
  return `<p>${body}</p>\n<ul><li>&nbsp;"quoted"</li></ul>`;
};

/** How many comments a revision has: half of the items lose one at a change, the others gain one. */
const commentCount = (seed: number, { index, revision }: Revision): number => {
  const first = hash(seed, 'comments', index) % 5;
  return index % 2 === 0 ? Math.max(0, first - revision) : first + revision;
};

const comments = (seed: number, of: Revision, createdMs: number): Content[] =>
  Array.from({ length: commentCount(seed, of) }, (_, n) => ({
    creationDate: toJazzTime(createdMs + (n + 1) * 3_600_000),
    content:
      n % 4 === 3
        ? null
        : `${sentence(seed, 4 + (hash(seed, of.index, n) % 20), 'comment', of.index, n)}\nline two`,
    creator:
      hash(seed, 'commenter', of.index, n) % 11 === 0
        ? null
        : contributor(seed, hash(seed, 'by', of.index, n)),
  }));

const extensions = (seed: number, index: number, createdMs: number): Content[] => {
  const effort = hash(seed, 'effort', index) % 400;
  return [
    extension('com.example.customer', 'smallStringValue', 'Customer', `Customer ${effort % 17}`, {
      smallStringValue: `Customer ${effort % 17}`,
    }),
    extension('com.example.effort', 'integerValue', 'Effort', String(effort), {
      integerValue: String(effort),
    }),
    extension('com.example.regression', 'booleanValue', 'Regression', String(effort % 2 === 0), {
      booleanValue: String(effort % 2 === 0),
    }),
    ...(index % 3 === 0 ? [] : [inspected(createdMs + effort * DAY_MS)]),
  ];
};

const DAY_MS = 86_400_000;

/** A time is shown as the server's own clocks have it, without an offset. */
const inspected = (ms: number): Content =>
  extension('com.example.inspected', 'timestampValue', 'Inspected', toServerTime(ms), {
    timestampValue: toJazzTime(ms),
  });

/** Doubles show 0.0 even where another member holds the value, as the real server's do. */
const extension = (
  key: string,
  type: string,
  displayName: string,
  displayValue: string,
  value: Content,
): Content => ({
  key,
  type,
  displayName,
  displayValue,
  booleanValue: null,
  integerValue: null,
  doubleValue: '0.0',
  smallStringValue: null,
  timestampValue: null,
  ...value,
});

/** The number that people call a work item by. */
export const toId = (index: number): string => String(1001 + index);
export const toWorkItemId = (seed: number, index: number): string => toItemId(seed, 'workItem', index);

const summaryOf = (seed: number, index: number): string =>
  `${pick(SUBJECTS, hash(seed, 'subject', index))} ${pick(VERBS, hash(seed, 'verb', index))} (${toId(index)})`;

const scalars = (seed: number, of: Revision, createdMs: number): Content => {
  const { index, revision } = of;
  const h = hash(seed, 'item', index);
  return {
    itemId: toWorkItemId(seed, index),
    stateId: toItemId(seed, `state${revision}`, index),
    contextId: toItemId(seed, 'context', h % PROJECTS.length),
    id: toId(index),
    modified: toJazzTime(of.modifiedMs),
    creationDate: toJazzTime(createdMs),
    resolutionDate: (h + revision) % 3 === 2 ? toJazzTime(of.modifiedMs) : null,
    dueDate: h % 4 === 0 ? toJazzTime(createdMs + 14 * 86_400_000) : null,
    summary: revision === 0 ? summaryOf(seed, index) : `${summaryOf(seed, index)}, revised ${revision}`,
    description: description(seed, index),
    tags: h % 3 === 0 ? `|${pick(['pump', 'urgent', 'field'], h >>> 4)}|release-${h % 5}|` : null,
    duration: String((h % 40) * 1_800_000),
    timeSpent: h % 5 === 0 ? '-1' : String((h % 20) * 900_000),
    correctedEstimate: h % 2 === 0 ? '-1' : '3600000',
    archived: String(h % 50 === 0),
  };
};

const references = (seed: number, of: Revision): Content => {
  const { index, revision } = of;
  const h = hash(seed, 'item', index);
  const state = pick(STATES, h + revision);
  const isClosed = state.group === 'closed';
  const severity = pick(SEVERITIES, h >>> 3);
  return {
    state,
    type: pick(TYPES, h >>> 5),
    severity: { id: `severity.${severity.toLowerCase()}`, name: severity },
    priority: { id: 'priority.unassigned', name: 'Unassigned' },
    resolution: isClosed ? { id: 'fixed', name: 'Fixed' } : null,
    creator: contributor(seed, h >>> 2),
    owner: h % 7 === 0 ? null : contributor(seed, h >>> 6),
    resolver: isClosed ? contributor(seed, h >>> 7) : null,
    modifiedBy: revision === 0 ? null : contributor(seed, h + revision),
    category: { itemId: toItemId(seed, 'category', h % CATEGORIES.length), name: pick(CATEGORIES, h) },
    projectArea: projectArea(seed, h),
    teamArea: null,
    target:
      h % 4 === 1
        ? null
        : {
            itemId: toItemId(seed, 'iteration', h % 26),
            name: `Sprint ${h % 26}`,
            archived: String(h % 26 < 10),
          },
    parent: index === 0 || h % 3 !== 0 ? null : parentOf(seed, h % index),
  };
};

const parentOf = (seed: number, index: number): Content => ({
  itemId: toWorkItemId(seed, index),
  id: toId(index),
  summary: summaryOf(seed, index),
});

/** All that a work item holds at one revision. */
export const workItem = (seed: number, of: Revision, createdMs: number): Content => ({
  ...scalars(seed, of, createdMs),
  ...references(seed, of),
  comments: comments(seed, of, createdMs),
  allExtensions: extensions(seed, of.index, createdMs),
  subscriptions: Array.from({ length: hash(seed, 'subscribers', of.index) % 3 }, (_, n) =>
    contributor(seed, of.index + n),
  ),
});
