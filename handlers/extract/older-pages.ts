import { DocumentMismatch } from '../../shared/errors.ts';
import type { PlanRecord } from '../../shared/state/records.ts';
import type { DocumentSummary } from '../../shared/xml/document.ts';

type Page = Pick<DocumentSummary, 'records' | 'tombstones' | 'order'>;

/**
 * Says of each page, in turn, whether a source that gives the newest first has no more for the window: the page lies before it,
 * whole, whatever tombstones are on it. That is believed once the cursors were seen to fall. A cursor that rises, within a page or
 * from one to the next, is a DocumentMismatch: behind such a page there may be records of the window. A record without a cursor of
 * its own ends nothing.
 */
export const watchForOlder = ({
  definition: { window, contract },
}: PlanRecord): ((page: Page, place: string) => boolean) => {
  if (window?.stopWhenOlder !== true) return () => false;
  let first: string | undefined;
  let last: string | undefined;
  return ({ records, tombstones, order }, place) => {
    const rise =
      last !== undefined && order.first !== undefined && order.first > last
        ? ([last, order.first] as const)
        : order.rise;
    if (rise !== undefined) {
      throw new DocumentMismatch(
        `${place} has ${contract.cursor} ${rise[1]} after ${rise[0]}, allowed the newest first (window.stopWhenOlder): ask the source for that order, or by \${window.from}`,
      );
    }
    first ??= order.first;
    last = order.last ?? last;
    const isFalling = first !== undefined && last !== undefined && last < first;
    return isFalling && order.older > 0 && order.older === records - tombstones;
  };
};
