import * as z from 'zod';
import { feedDocument } from './document/feed.ts';
import { connectionsDocument } from './document/source.ts';

/**
 * The JSON Schemas of feed files and of connections.yaml, for editors: draft 7, which their YAML language server reads. They are made of
 * the schemas that these are checked by, so they cannot say anything else; what paths, columns and templates mean is checked later.
 */
const toJsonSchema = (title: string, schema: z.ZodType): string =>
  `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) }, undefined, 2)}\n`;

export const feedJsonSchema = (): string => toJsonSchema('A Millrace feed', feedDocument);

export const connectionsJsonSchema = (): string =>
  toJsonSchema('Connections of Millrace feeds', connectionsDocument);
