import type { Attributes } from './attributes.ts';
import type { Check, Node } from './matcher-shape.ts';
import { isNamed } from './names.ts';
import type { Core } from './record.ts';
import type { Frame } from './walk.ts';

/** A step's predicates, in their order: a position counts the siblings that met those before it. */

const meetsAttributes = (check: Check & { kind: 'attribute' }, attributes: Attributes): boolean =>
  attributes.list.some((a) => isNamed(check.name, a.uri, a.local) && isValue(check, a.value)) !==
  (check.test === 'noAttribute');

const isValue = ({ test, value }: Check & { kind: 'attribute' }, found: string): boolean =>
  test === 'attribute' ? found === value : test !== 'otherAttribute' || found !== value;

const isPosition = (position: number, parent: Frame, key: string): boolean => {
  parent.counters ??= new Map();
  const count = (parent.counters.get(key) ?? 0) + 1;
  parent.counters.set(key, count);
  return count === position;
};

/** Checks that can be made when the element opens: those before the first that looks at children. */
export const meetsEarlyChecks = (node: Node, parent: Frame, attributes: Attributes): boolean => {
  for (const [index, check] of node.checks.entries()) {
    if (check.kind === 'child') return true;
    if (check.kind === 'attribute' && !meetsAttributes(check, attributes)) return false;
    if (check.kind === 'position' && !isPosition(check.position, parent, `${node.id} ${index}`)) return false;
  }
  return true;
};

/** The guard of an element whose remaining checks are made when it closes; attributes are looked at now. */
export const openGuard = (node: Node, attributes: Attributes): Core => {
  const met = new Set<number>();
  for (const [index, check] of node.checks.entries()) {
    if (check.kind === 'attribute' && meetsAttributes(check, attributes)) met.add(index);
  }
  return { met, outcome: undefined };
};

/** Makes the checks that `meetsEarlyChecks` left. */
export const meetsLateChecks = (node: Node, parent: Frame, core: Core): boolean => {
  const first = node.checks.findIndex((check) => check.kind === 'child');
  for (const [index, check] of node.checks.entries()) {
    if (index < first) continue;
    const isMet =
      check.kind === 'position'
        ? isPosition(check.position, parent, `${node.id} ${index}`)
        : core.met.has(index);
    if (!isMet) return false;
  }
  return true;
};
