import * as z from 'zod';
import { ACCOUNT, REGION } from '../assembly/names.ts';
import { demand, type Operation, ServiceError } from '../aws-json-server.ts';
import type { EventBus } from './bus.ts';

/** docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1_048_576;

const input = z.strictObject({
  Entries: z.array(
    z.strictObject({
      Source: z.string().optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      Resources: z.array(z.string()).optional(),
      EventBusName: z.string().optional(),
      Time: z.number().optional(),
    }),
  ),
});
type Entry = z.infer<typeof input>['Entries'][number];

/** Entries of any other bus are refused one by one. */
export const DEFAULT_BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;

/** The calls of EventBridge that functions make: PutEvents to the default bus. */
export const eventBridgeApi = (bus: Pick<EventBus, 'put'>): Readonly<Record<string, Operation>> => ({
  PutEvents: async (raw, caller) => {
    const parsed = input.safeParse(raw);
    if (!parsed.success) throw new ServiceError('ValidationException', z.prettifyError(parsed.error));
    const { Entries } = parsed.data;
    if (Entries.length < 1 || Entries.length > MAX_ENTRIES) {
      throw new ServiceError(
        'ValidationException',
        `${Entries.length} entries, 1 to ${MAX_ENTRIES} are allowed`,
      );
    }
    const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (bytes >= MAX_REQUEST_BYTES) {
      throw new ServiceError(
        'ValidationException',
        `entries of ${bytes} bytes, below ${MAX_REQUEST_BYTES} are allowed`,
      );
    }
    for (const { Source = '' } of Entries)
      demand(caller, 'events:PutEvents', DEFAULT_BUS, { 'events:source': Source });
    return bus.put(Entries);
  },
});

/** EventBridge's own formula: 14 for a time, and the bytes of the texts. */
const sizeOf = ({ Time, Source, DetailType, Detail, Resources }: Entry): number =>
  [Source, DetailType, Detail, ...(Resources ?? [])].reduce<number>(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    Time === undefined ? 0 : 14,
  );
