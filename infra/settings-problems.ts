import type * as z from 'zod';
import { nearest } from '../shared/model/nearest.ts';

/** The error text of a setting's schema; the setting's name is put before it. */
export const gotAllowed =
  (allowed: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `got ${JSON.stringify(input)}, allowed ${allowed}`;

/** What is wrong with the settings, a line each: the setting's name as it is given, the value got, the value allowed. */
export const toSettingLines = (
  { issues }: z.ZodError,
  prefix: string,
  known: readonly string[],
): readonly string[] =>
  issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) => `context ${prefix}${key}: unknown setting, ${toHint(key, prefix, known)}`,
      );
    return [`context ${prefix}${issue.path.map(toStep).join('')}: ${issue.message}`];
  });

const toStep = (step: PropertyKey): string => (typeof step === 'number' ? `[${step}]` : String(step));

/** A name cut short is that of all that begin so: `workgroup` is nearer to `workgroupArn` than to what is meant, `workgroupName`. */
const toHint = (key: string, prefix: string, known: readonly string[]): string => {
  const begun = key === '' ? [] : known.filter((name) => name.toLowerCase().startsWith(key.toLowerCase()));
  const near = nearest(key, known);
  const meant = begun.length > 0 || near === undefined ? begun : [near];
  return meant.length === 0
    ? `allowed ${known.map((name) => `${prefix}${name}`).join(' ')}`
    : `did you mean ${meant.map((name) => `${prefix}${name}`).join(' or ')}`;
};
