import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ServiceUnavailable } from '../../shared/errors.ts';
import type { OwnSource } from '../../shared/state/deployment-names.ts';
import type { Events } from '../ports/events.ts';
import { toServiceError } from './aws-errors.ts';

/** Events by PutEvents, which answers 200 also when it took none: each entry is looked at. */
export const eventBridgeEvents = (client: EventBridgeClient, source: OwnSource): Events => ({
  put: async (detailType, detail) => {
    const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail) };
    const what = `put of event ${detailType}`;
    const answer = await client.send(new PutEventsCommand({ Entries: [entry] })).catch((error: unknown) => {
      throw toServiceError(what, error);
    });
    const failed = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (failed === undefined) return;
    throw new ServiceUnavailable(`${what} was not taken: ${failed.ErrorCode} ${failed.ErrorMessage ?? ''}`);
  },
});
