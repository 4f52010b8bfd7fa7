import * as z from 'zod';
import { type Segment, segment } from '../../local/xray/segment.ts';
import type { CallService } from '../deployment/signed-call.ts';
import type { ReadTraces } from './waterfall.ts';

/** https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html: at most 5 ids a call. */
const MOST_IDS = 5;

const answer = z.object({
  Traces: z.array(z.object({ Id: z.string(), Segments: z.array(z.object({ Document: z.string() })) })),
  NextToken: z.string().nullish(),
});

/** The traces that X-Ray keeps, for 30 days. */
export const readXrayTraces =
  (call: CallService): ReadTraces =>
  async (ids) => {
    const found = new Map<string, Segment[]>();
    for (let at = 0; at < ids.length; at += MOST_IDS) {
      const TraceIds = ids.slice(at, at + MOST_IDS);
      let NextToken: string | undefined;
      do {
        const input = { TraceIds, ...(NextToken === undefined ? {} : { NextToken }) };
        const page = answer.parse(await call({ service: 'xray', path: '/Traces', input }));
        for (const { Id, Segments } of page.Traces)
          found.set(Id, [
            ...(found.get(Id) ?? []),
            ...Segments.map(({ Document }) => toSegment(Id, Document)),
          ]);
        NextToken = page.NextToken ?? undefined;
      } while (NextToken !== undefined);
    }
    return ids.flatMap((id) => {
      const documents = found.get(id);
      return documents === undefined || documents.length === 0 ? [] : [documents];
    });
  };

const toSegment = (id: string, document: string): Segment =>
  segment.parse({ trace_id: id, ...z.looseObject({}).parse(JSON.parse(document)) });
