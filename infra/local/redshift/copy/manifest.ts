import * as z from 'zod';
import { parseS3Url } from '../sql/copy.ts';
import { SqlRefused } from '../sql/refusal.ts';

/** docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html */
const manifestSchema = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        url: z.string(),
        mandatory: z.boolean().default(false),
        meta: z.strictObject({ content_length: z.int() }).optional(),
      }),
    )
    .min(1),
});

export interface ManifestEntry {
  readonly url: string;
  readonly bucket: string;
  readonly key: string;
  readonly isMandatory: boolean;
}

/** Reads a manifest. A file that stands in it twice is loaded twice, as Redshift does. Throws SqlRefused. */
export const parseManifest = (url: string, text: string): readonly ManifestEntry[] => {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new SqlRefused(`manifest ${url} is not JSON`, { cause });
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    throw new SqlRefused(`manifest ${url} is not valid: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data.entries.map((entry) => ({
    url: entry.url,
    isMandatory: entry.mandatory,
    ...parseS3Url(entry.url),
  }));
};
