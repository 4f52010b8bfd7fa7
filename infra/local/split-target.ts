/** A request's target in its parts: the path as it was sent, percent-encoded, and the query. */
export const splitTarget = (
  target: string | undefined,
): { readonly path: string; readonly query: URLSearchParams } => {
  const url = target ?? '/';
  const mark = url.indexOf('?');
  if (mark === -1) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
};
