import type { XmlHandlers, XmlParser } from './parser.ts';
import { HARD } from './plain/scanning.ts';
import type { PlainEvents } from './plain/state.ts';
import { toRaw, type WrittenAttributes } from './written.ts';

export interface TokenHandlers extends XmlHandlers {
  /** A start tag that the scanner has read; it is `open` otherwise. */
  openPlain(name: string, attributes: WrittenAttributes | undefined): boolean;
  record: PlainEvents['record'];
}

/** What the scanner tells: a start tag whose element has declarations is told as saxes tells it. */
export const plainEvents = (
  { open, openPlain, text, close, record }: TokenHandlers,
  { doctype, toDeclared }: XmlParser,
): PlainEvents => ({
  open: (name, attributes) =>
    doctype()?.attributes.has(name)
      ? open(name, toDeclared(name, toRaw(attributes)))
      : openPlain(name, attributes),
  text,
  close,
  // Where declarations give tags more than stands in them, each is told.
  record: (less) => ((doctype()?.attributes.size ?? 0) === 0 ? record(less) : HARD),
});
