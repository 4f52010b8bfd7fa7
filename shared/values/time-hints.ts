import { compileTimeFormat, type TimeFormat } from './time-format.ts';

/** Which format a text that was refused looks like: people find out by the message, not by trying. */

interface Known {
  readonly name: string;
  readonly format: TimeFormat;
}

/** Ways of writing times that sources have; the named ones stand first, as they are shorter to write. */
const KNOWN: readonly Known[] = [
  'date',
  'iso-offset',
  'epoch-seconds',
  'epoch-millis',
  'rfc822',
  'yyyyMMdd',
  "yyyyMMdd'T'HHmmss",
  "yyyyMMdd'T'HHmmssX",
  'yyyy/MM/dd',
  'yyyy/MM/dd HH:mm:ss',
  'd.M.yyyy',
  'd.M.yyyy HH:mm',
  'd.M.yyyy HH:mm:ss',
  'd/M/yyyy',
  'd/M/yyyy HH:mm:ss',
  'M/d/yyyy',
  'M/d/yyyy HH:mm:ss',
  'M/d/yyyy h:mm:ss a',
  'd-MMM-yyyy',
  'd MMM yyyy',
  'EEE MMM d HH:mm:ss Z yyyy',
].map((name) => ({ name, format: compileTimeFormat(name) }));

/** Epochs of so many digits are of this century; a shorter number may be anything. */
const isEpoch = (text: string, format: string): boolean =>
  (format !== 'epoch-seconds' || text.length === 10) && (format !== 'epoch-millis' || text.length === 13);

/** Formats that read the text: one, or two where day and month may be either. */
const findFormats = (text: string): readonly Known[] =>
  KNOWN.filter(({ name, format }) => isEpoch(text, name) && format.parse(text) !== undefined).slice(0, 2);

/** What to write in the feed for a text that a column of the kind refused; empty where it looks like no known format. */
export const hintOfFormat = (text: string, kind: 'date' | 'timestamp' | 'timestamptz'): string => {
  const found = findFormats(text);
  const [first] = found;
  if (first === undefined) return '';
  const names = found.map(({ name }) => `"${name}"`).join(' or ');
  const type =
    kind === 'timestamptz' && !first.format.hasOffset ? ' and zone: it has no offset from UTC' : '';
  return `; it looks like another format: write format: ${names}${type}`;
};
