/** What a record keeps of the execution that put it: nothing where that has no trace. */
export const toTraceMark = (traceId: string | undefined): { readonly traceId?: string } =>
  traceId === undefined ? {} : { traceId };
