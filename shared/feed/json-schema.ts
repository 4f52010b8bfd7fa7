import * as z from 'zod';
import { feedDocument } from './document/feed.ts';

/**
 * The JSON Schema of feed files, for editors: draft 7, which their YAML language server reads. It is made of the schema that
 * feeds are checked by, so it cannot say anything else; what paths, columns and templates mean is checked later.
 */
export const feedJsonSchema = (): string => {
  const schema = z.toJSONSchema(feedDocument, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'A Millrace feed', ...schema }, undefined, 2)}\n`;
};
