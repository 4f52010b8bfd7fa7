import { BATCH_NAME } from '../state/keys.ts';

/** What a failed load's message says of its cause: whether to try again, to wait, or to set a batch aside. */

export type LoadFault =
  /** Trying the same again may succeed. */
  | { readonly kind: 'transient' }
  /** The warehouse lacks what a person has to give it, a right or an object: nothing is wrong with the batches, which wait for it. */
  | { readonly kind: 'unready' }
  /** A batch's data are at fault; the batch where the message names it. */
  | { readonly kind: 'data'; readonly batch: string | undefined }
  /** A comparison would delete more rows than its feed allows: what the load said of it. */
  | { readonly kind: 'deletions'; readonly batch: string; readonly told: string }
  /** Nobody here knows the message. */
  | { readonly kind: 'unknown' };

/**
 * Serializable isolation and its snapshot kin (1023), concurrent drops (1018), deadlocks
 * (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html);
 * cancellations and timeouts; a warehouse that resumes, restarts or is too busy.
 */
const TRANSIENT =
  /\b1023\b|serializ|\b1018\b|deadlock|conflict|throttl|cancel|timeout|timed out|aborted by|resum|paus|restart|reboot|unavailable|not available|too many|try again|connection|internal error|out of memory|disk full/i;

/** S3's own side, and the way to it: neither says anything of the file that the message names. */
const S3_TRANSIENT = /S3ServiceException.*(Status 5\d\d|SlowDown)|S3CurlException/s;

/** A part file or a manifest that somebody removed: the message may name it or not. */
const S3_GONE = /NoSuchKey|Status 404|mandatory file .* (not found|does not exist)/is;

/** COPY's role may not read the bucket: it says so of the first file that it meets. */
const S3_DENIED = /S3ServiceException.*(Status 403|Access ?Denied)/s;

/** Rights, roles and objects that are not there (a database, a target that somebody dropped). */
const UNREADY =
  /permission denied|not authorized|not attached|authentication failed|access ?denied|must be (the )?owner|does not exist/i;

/** The sentence that the load itself makes of a wrong count. */
const WRONG_COUNT = RegExp(`batch (${BATCH_NAME}) staged -?\\d+ rows of `);

/** The sentence that a comparison makes of too many rows that would go. */
const TOO_MANY_GONE = RegExp(`batch (${BATCH_NAME}) would delete \\d+ of \\d+ rows of [^"\n]*`);

/** COPY's, and the casts and lengths that staging can meet (https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html). */
const DATA =
  /load into table|load_error|invalid (digit|input syntax|value|timestamp|date)|exceeds ddl length|value too long|overflow|out of range|multibyte|delimiter not found|extra column|missing data|unterminated|invalid json/i;

/** A part file by its key, and so its batch. */
const STAGED_FILE = RegExp(`staged/[a-z][a-z0-9_]*/(${BATCH_NAME})/`);

/** Names, which may hold any of the words that are looked for. */
const QUOTED = /"[^"]*"/g;

/** The batch of the part file that a text names, where it names one. */
export const batchOfFile = (text: string): string | undefined => STAGED_FILE.exec(text)?.[1];

/** What COPY says of the files that it reads; all else meets rows that it has taken, and is of the tables that they go to. */
const OF_COPY = /load into table|load_error/i;

/** Whether the fault of data that were refused lies in part files, which stay as they are however often they are loaded. */
export const isOfPartFiles = (message: string): boolean =>
  OF_COPY.test(message) || S3_GONE.test(message) || WRONG_COUNT.test(message) || STAGED_FILE.test(message);

/** Classifies the warehouse's message. */
export const classifyError = (message: string): LoadFault => {
  const counted = WRONG_COUNT.exec(message);
  if (counted !== null) return { kind: 'data', batch: counted[1] };
  const [told, comparison] = TOO_MANY_GONE.exec(message) ?? [];
  if (told !== undefined && comparison !== undefined) return { kind: 'deletions', batch: comparison, told };
  if (S3_TRANSIENT.test(message)) return { kind: 'transient' };
  if (S3_DENIED.test(message)) return { kind: 'unready' };
  const file = batchOfFile(message);
  if (file !== undefined) return { kind: 'data', batch: file };
  if (S3_GONE.test(message) || DATA.test(message)) return { kind: 'data', batch: undefined };
  const words = message.replace(QUOTED, '');
  if (UNREADY.test(words)) return { kind: 'unready' };
  return TRANSIENT.test(words) ? { kind: 'transient' } : { kind: 'unknown' };
};

/**
 * What stands behind a message that a procedure ended with: the text of the statement, whose words say nothing of the error. Redshift calls it
 * CONTEXT (https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html), drivers call it Where.
 */
const CONTEXT = /\s+(?:CONTEXT|Where):\s.*$/s;

export const withoutContext = (message: string): string => message.replace(CONTEXT, '');

/**
 * The files that a failed COPY could not read; by the query that failed
 * (https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html).
 */
export const loadErrorsQuery = (query: number): string =>
  `SELECT file_name, line_number, column_name, error_message, position FROM sys_load_error_detail WHERE query_id = ${Math.trunc(query)} LIMIT 20`;
