/** The one warehouse that requests may name: a workgroup or a cluster, and its database. */
export interface WarehouseName {
  readonly workgroupName?: string | undefined;
  readonly clusterIdentifier?: string | undefined;
  readonly database: string;
}
