/** Deterministic choices: the same seed and place always give the same value, in any order of asking. */

/** A number in [0, 2^32) from a seed and any places (FNV-1a over the places, then an avalanche). */
export const hash = (seed: number, ...places: readonly (number | string)[]): number => {
  let h = 0x811c9dc5 ^ seed;
  for (const place of places) {
    const text = String(place);
    for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ 0x2f, 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** One of the choices. Throws RangeError where there is none. */
export const pick = <T>(choices: readonly T[], h: number): T => {
  const chosen = choices[h % choices.length];
  if (chosen === undefined) throw new RangeError('pick needs at least one choice');
  return chosen;
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A Jazz identifier: `_` and 22 characters. Distinct `n` give distinct ids of one kind. */
export const toItemId = (seed: number, kind: string, n: number): string => {
  let id = '';
  for (let i = 0; i < 14; i += 1) id += ALPHABET[hash(seed, kind, n, i) % 64];
  return `_${id}${toBase64Digits(n, 8)}`;
};

const toBase64Digits = (n: number, length: number): string => {
  let digits = '';
  let rest = n;
  for (let i = 0; i < length; i += 1) {
    digits = `${ALPHABET[rest % 64]}${digits}`;
    rest = Math.floor(rest / 64);
  }
  return digits;
};

/** Writes a time as Jazz does, `yyyy-MM-dd'T'HH:mm:ss.SSSZ`: the offset has no colon. */
export const toJazzTime = (ms: number, offsetMinutes = -300): string => {
  const shifted = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(offsetMinutes);
  const hhmm = `${String(Math.floor(size / 60)).padStart(2, '0')}${String(size % 60).padStart(2, '0')}`;
  return `${shifted}${offsetMinutes < 0 ? '-' : '+'}${hhmm}`;
};

/** Where the sample server's clocks are, for times that it writes without an offset. */
export const SERVER_ZONE = 'Europe/Berlin';

// The Swedish order is that of ISO 8601: 2026-01-15 09:00:00,250.
const serverClock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: SERVER_ZONE,
  ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
});

/** Writes a time as Jazz shows one, `2019-05-09 16:43:15.419`: by the server's clocks, without an offset. */
export const toServerTime = (ms: number): string => serverClock.format(ms).replace(',', '.');

/** Reads a time as Jazz takes it in a filter; undefined where it is none (a date alone is none). */
export const parseJazzTime = (text: string): number | undefined => {
  const m = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)(?:(Z)|([+-]\d\d):?(\d\d))$/.exec(text);
  if (m === null) return undefined;
  const ms = Date.parse(`${m[1]}${m[2] ?? `${m[3]}:${m[4]}`}`);
  return Number.isNaN(ms) ? undefined : ms;
};
