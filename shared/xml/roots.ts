import { DocumentMismatch, SourceRefused, XmlMalformed } from '../errors.ts';
import { resolveName } from './attributes.ts';
import { isNamed } from './names.ts';
import type { State } from './state.ts';
import type { Walk } from './walk.ts';

/** The root has to be the first step of some table's rows: an error page or another resource is not an empty feed. */
export const checkRoot = (walk: Walk, from: State, raw: string): void => {
  const { uri, local } = resolveName(raw, from.scope, 'element', (what) => walk.refuse(XmlMalformed, what));
  if (walk.matcher.roots.some((root) => isNamed(root.name, uri, local))) return;
  const refuse = (): never => refuseRoot(walk, raw, uri, local);
  if (!walk.matcher.signRoots.some((root) => isNamed(root.name, uri, local))) refuse();
  walk.refuseWithoutSign = refuse;
};

const refuseRoot = (walk: Walk, raw: string, uri: string, local: string): never => {
  const allowed = [...new Set(walk.matcher.roots.map((root) => `<${root.text}>`))].join(' or ');
  const wrongUri = walk.matcher.roots.find((root) => isNamed({ ...root.name, uri: undefined }, uri, local));
  const why =
    wrongUri === undefined
      ? ''
      : ` (its namespace is ${uri || 'none'}, expected ${wrongUri.name.uri || 'none'})`;
  if (local.toLowerCase() === 'html') {
    walk.refuse(SourceRefused, `root is <${raw}>, expected ${allowed}: an HTML page, perhaps to log in`);
  }
  return walk.refuse(DocumentMismatch, `root is <${raw}>, expected ${allowed}${why}`);
};
