/** Of a workgroup that the deployment made: what bounds the bill of a day or a month. */
export interface UsageLimits {
  readonly workgroupArn: string;
  /** In RPU-hours a period; `deactivate` turns queries off, anything else only tells. */
  readonly limits: readonly {
    readonly amount: number;
    readonly period: string;
    readonly breachAction: string;
  }[];
}
