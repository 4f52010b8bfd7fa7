import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** Segment documents (docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html#xray-api-segmentdocuments). */
const document = z.looseObject({
  id: z.string(),
  name: z.string(),
  trace_id: z.string().optional(),
  parent_id: z.string().optional(),
  /** Epoch seconds. */
  start_time: z.number(),
  end_time: z.number().optional(),
  in_progress: z.boolean().optional(),
  annotations: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  error: z.boolean().optional(),
  fault: z.boolean().optional(),
  throttle: z.boolean().optional(),
  get subsegments(): z.ZodOptional<z.ZodArray<typeof document>> {
    return z.array(document).optional();
  },
});

/** A segment, or a subsegment sent on its own: it names its trace. */
export const segment = document.extend({ trace_id: z.string().regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/) });
export type SegmentDocument = z.infer<typeof document>;
export type Segment = z.infer<typeof segment>;

const header = z.looseObject({ format: z.literal('json'), version: z.literal(1) });

/** Reads what the X-Ray SDK sends to its daemon: a line of header, then the document. Throws InvalidInput. */
export const parseDatagram = (text: string): Segment => {
  const end = text.indexOf('\n');
  const parsed = z
    .tuple([header, segment])
    .safeParse([parseJson(text.slice(0, end)), parseJson(text.slice(end + 1))]);
  if (parsed.success) return parsed.data[1];
  throw new InvalidInput(`X-Ray datagram ${text.slice(0, 100)}: ${z.prettifyError(parsed.error)}`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
