import * as z from 'zod';

/** Where statements go: exactly one of a workgroup and a cluster, and by whose secret, where IAM does not name the user. */
export const warehouseTarget = z
  .strictObject({
    workgroupName: z.string().optional(),
    clusterIdentifier: z.string().optional(),
    database: z.string(),
    secretArn: z.string().optional(),
  })
  .refine(
    (w) => (w.workgroupName === undefined) !== (w.clusterIdentifier === undefined),
    'needs exactly one of workgroupName, clusterIdentifier',
  );
export type WarehouseTarget = z.infer<typeof warehouseTarget>;
