/** Events of ours on the default bus; delivered at least once, in no order. */
export interface Events {
  /** Resolves when the bus has taken it. Throws ServiceUnavailable, ServiceRefused. */
  put(detailType: string, detail: Readonly<Record<string, unknown>>): Promise<void>;
}
