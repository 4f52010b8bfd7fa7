import '../private-umask.ts';
import * as z from 'zod';
import { accessTable } from '../iam/access.ts';
import { verifySignatures } from '../iam/authenticate.ts';
import { readArguments, sendToParent, serveParent, startForParent } from '../serve-parent.ts';
import { lifecycleRule } from './lifecycle-rule.ts';
import { startS3 } from './server.ts';

/** The S3 process of the local cloud: hashing and disk stay off the orchestrator's loop. */

export const s3Arguments = z.strictObject({
  dir: z.string(),
  buckets: z.array(
    z.strictObject({
      name: z.string(),
      isVersioned: z.boolean(),
      hasEventBridge: z.boolean(),
      stack: z.string().exactOptional(),
      lifecycle: z.array(lifecycleRule).readonly().default([]),
    }),
  ),
  account: z.string(),
  region: z.string(),
  port: z.int().default(0),
  access: accessTable.optional(),
});
export type S3Arguments = z.input<typeof s3Arguments>;

await startForParent(async () => {
  const { access, ...options } = s3Arguments.parse(readArguments());
  const server = await startS3({
    ...options,
    ...(access !== undefined && {
      authenticate: verifySignatures({ table: access, region: options.region, service: 's3' }),
    }),
    onEvent: sendToParent,
    onStruck: (fault) => sendToParent({ type: 'struck', fault }),
  });
  serveParent({
    acknowledge: server.acknowledge,
    busy: server.unacknowledged,
    fault: server.faults.set,
    stop: server.close,
  });
  sendToParent({ type: 'ready', url: server.url });
});
