import { copyOf } from '../copy.ts';
import type { AttributeNames } from '../written.ts';

/** Names that a document repeats, each with what followed it last time, so that most need no string of their own. */

export interface Tag {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly afterOpen: Followed;
  readonly afterClose: Followed;
  /** The attributes that such a tag had last time, and all that it had, by their names. */
  attributes: AttributeNames | undefined;
  readonly known: Map<string, AttributeNames>;
}

/** The start tag that followed last time: documents repeat themselves. */
export interface Followed {
  by: Tag | undefined;
}

/** Names that are remembered, and the longest; over it they are made anew. */
const MOST_TAGS = 4096;
const LONGEST_TAG = 256;

export type Tags = Map<string, Tag>;

export const tagOf = (tags: Tags, name: string): Tag => {
  const known = tags.get(name);
  if (known !== undefined) return known;
  const own = copyOf(name);
  const tag: Tag = {
    name: own,
    bytes: Buffer.from(own),
    afterOpen: { by: undefined },
    afterClose: { by: undefined },
    attributes: undefined,
    known: new Map(),
  };
  if (isKept(tags, tag)) tags.set(own, tag);
  return tag;
};

/** Whether the tag is, or may be, among the remembered ones: no other may be kept by what went before it. */
export const isKept = (tags: Tags, tag: Tag): boolean =>
  tags.get(tag.name) === tag || (tags.size < MOST_TAGS && tag.name.length <= LONGEST_TAG);
