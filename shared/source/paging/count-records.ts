import type { DocumentSummary } from '../../xml/document.ts';
import { type Next, pagingFormOf } from './registry.ts';

type Read = Pick<DocumentSummary, 'held' | 'records'>;

/** Records of a page as its source counts them: also the elements that a predicate takes out of the rows. */
export const countAll = ({ held, records }: Read): number => held.candidates() ?? records;

/** Records of a page as its paging goes by them. */
export const countRecords = (next: Next | undefined, read: Read): number =>
  next !== undefined && pagingFormOf(next).isCounted ? countAll(read) : read.records;
