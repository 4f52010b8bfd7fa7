import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { InvalidInput } from '../../../shared/errors.ts';

/** One stack of a cloud assembly, as synthesized. */
export interface StackTemplate {
  readonly name: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } | undefined }>
  >;
  readonly parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Asset hash to the folder that becomes its zip. */
  readonly assetFolders: ReadonlyMap<string, string>;
  /** Of a nested stack: the stack that it is in, and what that one gives for its parameters. */
  readonly parent?: { readonly name: string; readonly parameters: Readonly<Record<string, unknown>> };
}

export const NESTED_STACK = 'AWS::CloudFormation::Stack';

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});
export type TemplateResource = z.infer<typeof resource>;

const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.unknown().optional() }))
    .default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
});

const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
const stackProperties = z.object({ templateFile: z.string(), stackName: z.string().optional() });
const assetProperties = z.object({ file: z.string() });
const assets = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string(), packaging: z.string() }) })),
});

/** Kinds of artifact without behaviour: docs.aws.amazon.com/cdk/api/v2 cloud-assembly-schema. */
const SILENT_ARTIFACTS = ['cdk:tree', 'cdk:asset-manifest', 'cdk:feature-flag-report'];

/** Reads the stacks of a `cdk.out`. Throws InvalidInput for an artifact that is neither stack nor assets. */
export const readTemplates = async (folder: string): Promise<readonly StackTemplate[]> => {
  const artifacts = Object.entries((await readJson(join(folder, 'manifest.json'), manifest)).artifacts);
  const assetFolders = new Map<string, string>();
  const assetFiles = new Map<string, string>();
  for (const [id, { type, properties }] of artifacts) {
    if (type === 'cdk:asset-manifest') {
      const { files } = await readJson(join(folder, assetProperties.parse(properties).file), assets);
      for (const [hash, { source }] of Object.entries(files)) {
        (source.packaging === 'zip' ? assetFolders : assetFiles).set(hash, join(folder, source.path));
      }
    } else if (type !== 'aws:cloudformation:stack' && !SILENT_ARTIFACTS.includes(type)) {
      throw new InvalidInput(
        `assembly ${folder}: artifact ${id} is a ${type}, not one of ${SILENT_ARTIFACTS.join(', ')}`,
      );
    }
  }
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const read = await Promise.all(
    stacks.map(async ([id, artifact]) => {
      const { templateFile, stackName } = stackProperties.parse(artifact.properties);
      const file = join(folder, templateFile);
      return readStack({ name: stackName ?? id, file, assetFiles, assetFolders });
    }),
  );
  return read.flat();
};

interface StackFile extends Pick<StackTemplate, 'name' | 'assetFolders' | 'parent'> {
  readonly file: string;
  /** Asset hash to the file that it is; the templates of nested stacks are such. */
  readonly assetFiles: ReadonlyMap<string, string>;
}

/** A stack, and those that are nested in it. */
const readStack = async ({ file, assetFiles, ...stack }: StackFile): Promise<readonly StackTemplate[]> => {
  const read = await readJson(file, template);
  const nested = await Promise.all(
    Object.entries(read.Resources).flatMap(([logicalId, { Type, Properties }]) => {
      if (Type !== NESTED_STACK) return [];
      const name = `${stack.name}-${logicalId}`;
      const { TemplateURL, Parameters } = nestedProperties.parse(Properties);
      const inner = assetFiles.get(/([0-9a-f]{64})\.json/.exec(JSON.stringify(TemplateURL))?.[1] ?? '');
      if (inner === undefined) throw new InvalidInput(`nested stack ${name} has no template in the assembly`);
      const parent = { name: stack.name, parameters: Parameters };
      return [readStack({ name, file: inner, assetFiles, assetFolders: stack.assetFolders, parent })];
    }),
  );
  const own = {
    ...stack,
    resources: read.Resources,
    outputs: read.Outputs,
    parameters: read.Parameters,
    conditions: read.Conditions,
  };
  return [own, ...nested.flat()];
};

const nestedProperties = z.object({
  TemplateURL: z.unknown(),
  Parameters: z.record(z.string(), z.unknown()).default({}),
});

const readJson = async <T>(file: string, schema: z.ZodType<T>): Promise<T> => {
  const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new InvalidInput(`${file}: ${z.prettifyError(parsed.error)}`);
};
