import { type ElementPlace, isPlain, type Name } from './shape.ts';

/** Documents whose shape is a standard: there the record is known, and how the next page is found, even if there is one record only. */
export interface KnownShape {
  readonly says: string;
  /** The records of a document of this shape, none where it has none; undefined for documents of another shape. */
  records(root: ElementPlace): readonly ElementPlace[] | undefined;
  /** `next` of an http source; steps are of the document's own elements. */
  next?(root: ElementPlace): NextHint;
  /** The parameter that asks a server for the schema in place of data. */
  readonly schemaParam?: readonly [string, string];
}

export type NextHint =
  | {
      readonly kind: 'link';
      readonly steps: readonly Step[];
      /** Undefined where the link is the element's text. */
      readonly attribute: Name | undefined;
      /** What it was seen by. */
      readonly says?: string;
    }
  | {
      readonly kind: 'token';
      readonly steps: readonly Step[];
      readonly param: string;
      readonly keep: readonly string[];
    }
  /** What may lead to the next page, and needs a person to say how: a token's parameter, or another server. */
  | {
      readonly kind: 'unsure';
      readonly steps: readonly Step[];
      readonly attribute: Name | undefined;
      readonly isToken: boolean;
    };

/** A step of a path, in a namespace, with predicates as they are written. */
export interface Step {
  readonly uri: string;
  readonly local: string;
  /** As the document writes it; the root's where there is none here. */
  readonly prefix?: string;
  readonly predicate?: string;
}

const ATOM = 'http://www.w3.org/2005/Atom';
const OAI = 'http://www.openarchives.org/OAI/2.0/';
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const RSS1 = 'http://purl.org/rss/1.0/';

const HREF: Name = { uri: '', local: 'href', prefix: '' };

const below = (place: ElementPlace | undefined, uri: string, local: string): ElementPlace | undefined =>
  place?.children.get(`${uri} ${local}`);

const listed = (places: readonly (ElementPlace | undefined)[]): readonly ElementPlace[] =>
  places.filter((place) => place !== undefined);

const isRoot = (root: ElementPlace, uri: string, local: string): boolean =>
  root.uri === uri && root.local === local;

const atom: KnownShape = {
  says: 'an Atom feed',
  records: (root) => (isRoot(root, ATOM, 'feed') ? listed([below(root, ATOM, 'entry')]) : undefined),
  next: () => ({
    kind: 'link',
    steps: [
      { uri: ATOM, local: 'feed' },
      { uri: ATOM, local: 'link', predicate: "[@rel='next']" },
    ],
    attribute: HREF,
  }),
};

const rss: KnownShape = {
  says: 'an RSS feed',
  records: (root) =>
    isRoot(root, '', 'rss') ? listed([below(below(root, '', 'channel'), '', 'item')]) : undefined,
};

const rss1: KnownShape = {
  says: 'an RSS 1.0 feed',
  records: (root) =>
    isRoot(root, RDF, 'RDF') && below(root, RSS1, 'channel') !== undefined
      ? listed([below(root, RSS1, 'item')])
      : undefined,
};

/** The verbs of OAI-PMH that list, with what they list. */
const OAI_LISTS = [
  ['ListRecords', 'record'],
  ['ListIdentifiers', 'header'],
  ['ListSets', 'set'],
] as const;

const oai: KnownShape = {
  says: 'an answer of OAI-PMH',
  records: (root) =>
    isRoot(root, OAI, 'OAI-PMH')
      ? listed(OAI_LISTS.map(([verb, what]) => below(below(root, OAI, verb), OAI, what)))
      : undefined,
  next: (root) => {
    const verb = OAI_LISTS.find(([local]) => below(root, OAI, local) !== undefined)?.[0] ?? 'ListRecords';
    const steps = ['OAI-PMH', verb, 'resumptionToken'].map((local) => ({ uri: OAI, local }));
    return { kind: 'token', steps, param: 'resumptionToken', keep: ['verb'] };
  },
};

/** Reportable REST: the root is named as the resource, has Version, and on all pages but the last the link to the next. */
const jazz: KnownShape = {
  says: 'an answer of Jazz Reportable REST',
  schemaParam: ['metadata', 'schema'],
  records: (root) => {
    const has = (local: string): boolean => root.attributes.has(` ${local}`);
    const isJazz = root.uri === '' && (has('Version') || (has('rel') && has('href')));
    const children = [...root.children.values()];
    const isOther = root.mixed > 0 || children.some((child) => isPlain(child) && child.text.filled > 0);
    return !isJazz || isOther ? undefined : children;
  },
  next: ({ local }) => ({
    kind: 'link',
    steps: [{ uri: '', local, predicate: "[@rel='next']" }],
    attribute: HREF,
  }),
};

export const KNOWN_SHAPES: readonly KnownShape[] = [atom, rss, rss1, oai, jazz];
