import type { CommandIo, Output } from './command-io.ts';

/** Lines for people: colour and a moving progress line on a terminal, plain lines elsewhere. */
export interface Terminal {
  /** Ends the progress line. */
  line(text?: string): void;
  /** A progress line that has the time it stands for behind it, renewed each second; shown on a terminal only. */
  begin(text: string): void;
  /** Replaces the progress line's text; the time of one that was begun runs on. Shown on a terminal only. */
  progress(text: string): void;
  /** Takes the progress line away. */
  clear(): void;
  /** Whether progress is shown. */
  readonly isMoving: boolean;
  readonly style: Style;
  /** Columns that a line may have. */
  readonly columns: number;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  accent(text: string): string;
}

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const plain = (text: string): string => text;

/** NO_COLOR (no-color.org) and streams that are no terminal get no colour. */
const toStyle = ({ env }: CommandIo, output: Output): Style => {
  const isColoured = output.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  if (!isColoured) return { bold: plain, dim: plain, good: plain, bad: plain, accent: plain };
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39), accent: sgr(36, 39) };
};

/** How often a progress line's time is renewed. */
const RENEWAL_MS = 1000;
const ERASE_LINE = '\r\u001b[2K';

export const openTerminal = (io: CommandIo, output: Output): Terminal => {
  const isMoving = output.isTTY === true && io.env.TERM !== 'dumb';
  const style = toStyle(io, output);
  const columns = output.columns ?? 100;
  let shown: string | undefined;
  let begunAt: number | undefined;
  let stopRenewing = (): void => {};
  const erase = (): void => {
    if (shown !== undefined) output.write(ERASE_LINE);
    shown = undefined;
  };
  const show = (text: string): void => {
    erase();
    const time = begunAt === undefined ? '' : `  ${toSeconds(io.now() - begunAt)}`;
    output.write(style.dim(text.slice(0, columns - 1 - time.length) + time));
    shown = text;
  };
  const end = (): void => {
    stopRenewing();
    begunAt = undefined;
    erase();
  };
  return {
    style,
    columns,
    isMoving,
    clear: end,
    line: (text = '') => {
      end();
      output.write(`${text}\n`);
    },
    begin: (text) => {
      end();
      if (!isMoving) return;
      begunAt = io.now();
      stopRenewing = io.every(RENEWAL_MS, () => shown !== undefined && show(shown));
      show(text);
    },
    progress: (text) => {
      if (isMoving) show(text);
    },
  };
};

/** `4 s`, `2 min 5 s`: of what still runs. */
const toSeconds = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** `850 ms`, `4.2 s`, `2 min 5 s`. */
export const toDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** Where a whole number has its commas: by a locale it would take 20 ms once, for what knows all languages. */
const THOUSANDS = /\B(?=(?:\d{3})+$)/g;

/** How long it was between two times, of which S3 tells in whole seconds: one may stand before what it followed. */
export const toTook = (from: string, to: string): string => {
  const ms = Date.parse(to) - Date.parse(from);
  return ms <= 0 ? 'under 1 s' : toDuration(ms);
};

/** Columns of a table for people, where neither stream is a terminal that says how wide it is: data has no room in 80. */
const COLUMNS_ELSEWHERE = 120;

/** How wide a table may be: as the terminal, also where its lines go through a pipe to a pager, else as COLUMNS says. */
export const columnsOf = ({ stdout, stderr, env }: Pick<CommandIo, 'stdout' | 'stderr' | 'env'>): number =>
  stdout.columns ?? stderr.columns ?? (Number(env.COLUMNS) || COLUMNS_ELSEWHERE);

/** `12,345`. */
export const toCount = (n: number): string => String(n).replace(THOUSANDS, ',');

/** `640 B`, `1.5 MiB`. */
export const toSize = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit += 1) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
};

/** `1 row`, `2 rows`. */
export const toPlural = (n: number, noun: string): string =>
  `${toCount(n)} ${noun}${n === 1 ? '' : noun.endsWith('ch') ? 'es' : 's'}`;

/** The start of a text, so that a cause does not fill a screen. Behind a whole word, if there is one: half of a name looks like a name. */
export const shorten = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const start = text.slice(0, most);
  const space = start.lastIndexOf(' ');
  return `${space > most / 2 ? start.slice(0, space) : start}…`;
};
