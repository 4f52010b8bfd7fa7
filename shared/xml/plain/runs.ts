import { LINE_FEED, SPACE, TAB } from './bytes.ts';
import { CLOSES, type Kind, latinOf, OPENS, type Run, type Scan, toRun } from './state.ts';
import type { Tag } from './tags.ts';

/**
 * Between two texts with words in them a document mostly has the tags, and the white space, that it had there before. Such a run is compared
 * four bytes at a time and then told; what differs is read tag by tag, and remembered as another run.
 */

/** Runs that are remembered, those that may follow one, and the longest and shortest. */
const MOST_RUNS = 4096;
const MOST_NEXT = 8;
const LONGEST_RUN = 512;
const WORD = 4;

/** Reads on from a `<` by a run that came here before; gives whether one did. */
export const follow = (s: Scan, less: number): boolean => {
  const { runs } = s;
  if (runs.start >= 0) {
    if (runs.end - runs.start < LONGEST_RUN && isLayout(s.bytes, runs.end, less)) return false;
    endRecording(s);
  }
  const { next } = runs.last;
  for (let index = 0; index < next.length; index += 1) {
    const run = next[index];
    if (run !== undefined && stands(s.view, less, s.end, run)) return tell(s, less, run);
  }
  runs.start = less;
  runs.end = less;
  return false;
};

const isLayout = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) {
    const code = bytes[at];
    if (code !== SPACE && code !== LINE_FEED && code !== TAB) return false;
  }
  return true;
};

/** Whether bytes stand there, of which there are four at least. */
export const stands = (
  view: DataView,
  start: number,
  end: number,
  { bytes, words }: Pick<Run, 'bytes' | 'words'>,
): boolean => {
  const last = start + bytes.length - WORD;
  if (last + WORD > end) return false;
  const whole = words.length - 1;
  let at = start;
  for (let index = 0; index < whole; index += 1) {
    if (view.getInt32(at, true) !== words[index]) return false;
    at += WORD;
  }
  return view.getInt32(last, true) === words[whole];
};

/** Tells of a run's tags, as far as they close what is open. */
const tell = (s: Scan, start: number, run: Run): boolean => {
  const { steps } = run;
  const { line } = s;
  s.runs.last = run;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === undefined || (step.kind === CLOSES && !isInnermost(s, step.tag))) return index > 0;
    const tagStart = start + step.start;
    if (step.lines > 0) {
      s.line = line + step.lines;
      s.lineFrom = start + step.lineFrom;
      s.lineColumn = 0;
    }
    if (s.wantsText && tagStart > s.at) {
      s.seen = tagStart + 1;
      s.events.text(latinOf(s, s.at, tagStart));
    }
    s.at = start + step.end;
    s.seen = s.at;
    tellTag(s, step.tag, step.kind);
    // What follows may be a whole record.
    if (s.open.length === s.recordsAt) return true;
  }
  return true;
};

/** The outermost element is closed by saxes. */
const isInnermost = ({ open }: Scan, tag: Tag): boolean => open.length > 1 && open[open.length - 1] === tag;

const tellTag = (s: Scan, tag: Tag, kind: Kind): void => {
  const { open, events } = s;
  if (kind === CLOSES) {
    open.pop();
    s.before = tag.afterClose;
    s.wantsText = events.close();
    return;
  }
  s.wantsText = events.open(tag.name, undefined);
  if (kind === OPENS) {
    open.push(tag);
    s.before = tag.afterOpen;
  } else {
    s.before = tag.afterClose;
    s.wantsText = events.close();
  }
};

/** Records a tag that was read by itself, from its `<` up to behind its `>`. */
export const record = ({ runs, bytes }: Scan, tag: Tag, kind: Kind, from: number, to: number): void => {
  if (runs.start < 0) return;
  const before = runs.steps.at(-1);
  let { lines, lineFrom } = before ?? { lines: 0, lineFrom: 0 };
  for (let at = runs.end; at < from; at += 1) {
    if (bytes[at] !== LINE_FEED) continue;
    lines += 1;
    lineFrom = at + 1 - runs.start;
  }
  runs.steps.push({ tag, kind, start: from - runs.start, end: to - runs.start, lines, lineFrom });
  runs.end = to;
};

/** What is being recorded ends behind its last tag, or is dropped. */
export const endRecording = ({ runs, bytes }: Scan): void => {
  const { known, last, start, end, steps } = runs;
  runs.start = -1;
  if (steps.length === 0) return;
  runs.steps = [];
  if (end - start < WORD || end - start > 2 * LONGEST_RUN) return;
  const content = Buffer.from(bytes.subarray(start, end));
  const key = `${Buffer.from(last.bytes).toString('latin1')}\n\n${content.toString('latin1')}`;
  let run = known.get(key);
  if (run === undefined) {
    if (known.size >= MOST_RUNS) return;
    run = toRun(content, steps);
    known.set(key, run);
  }
  runs.last = run;
  if (last.next.includes(run)) return;
  if (last.next.length < MOST_NEXT) last.next.push(run);
};

/** What was recorded breaks off: what follows has been read by others, or in other bytes. */
export const dropRecording = ({ runs }: Scan): void => {
  runs.start = -1;
  if (runs.steps.length > 0) runs.steps = [];
};
