/**
 * Takes the place of `cls-hooked/context` in bundles (infra/bundle-sources.ts), by which the X-Ray SDK keeps the segment that is current. In Lambda it enters
 * one context as it starts, and all later calls share it; so a hook on each promise, as the package sets, tells nothing and costs CPU all the time.
 */

interface Namespace {
  /** What is current of the process. */
  active: Record<string, unknown> | undefined;
  readonly createContext: () => Record<string, unknown>;
  readonly enter: (context: Record<string, unknown>) => void;
  readonly get: (key: string) => unknown;
  readonly set: <T>(key: string, value: T) => T;
}

const NAMESPACES = new Map<string, Namespace>();

export const createNamespace = (name: string): Namespace => {
  const namespace: Namespace = {
    active: undefined,
    createContext: () => ({ ...namespace.active }),
    enter: (context) => {
      namespace.active = context;
    },
    get: (key) => namespace.active?.[key],
    set: (key, value) => {
      if (namespace.active === undefined)
        throw new Error(`no context was entered, so that it keeps no ${key}`);
      namespace.active[key] = value;
      return value;
    },
  };
  NAMESPACES.set(name, namespace);
  return namespace;
};

export const getNamespace = (name: string): Namespace | undefined => NAMESPACES.get(name);

export const destroyNamespace = (name: string): void => {
  NAMESPACES.delete(name);
};
