import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandIo, EXIT } from './command-io.ts';
import type { VerbArguments } from './verbs/verb.ts';

/** The package that this runs from, with the samples beside its sources. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLES = [
  'feeds/inspections.yaml',
  'feeds/samples/inspections.xml',
  'feeds/feed.schema.json',
  'feeds/connections.schema.json',
];

const CONNECTIONS = `# yaml-language-server: $schema=./connections.schema.json
# Where feeds read from. Secrets are named here and kept elsewhere: \`npx millrace secret set ID\` asks for one. For example:
# books:
#   baseUrl: "https://books.example.com"
#   auth: { kind: bearer, secret: millrace/books }
`;

const IGNORED = ['node_modules/', '.millrace/', 'cdk.out/', 'connections.local.yaml', ''].join('\n');

/** Runs the package's own app; CDK starts it in this folder. */
const CDK = {
  app: 'node node_modules/millrace/dist/infra/app.js',
  output: 'cdk.out',
  versionReporting: false,
};

/** `init`: a folder of one's own. A file that is there stays as it is, and the answer says so. */
export const makeProject = async ({ operands }: VerbArguments, io: CommandIo): Promise<number> => {
  const folder = resolve(io.cwd, operands[0] ?? '.');
  const texts: Readonly<Record<string, string>> = {
    'feeds/connections.yaml': CONNECTIONS,
    'cdk.json': toText(CDK),
    '.gitignore': IGNORED,
    'package.json': await describePackage(),
  };
  for (const name of SAMPLES) {
    await make(folder, name, io, (path) => copyFile(join(ROOT, name), path, COPY_NEW));
  }
  for (const [name, text] of Object.entries(texts)) {
    await make(folder, name, io, (path) => writeFile(path, text, { flag: 'wx' }));
  }
  const place = relative(io.cwd, folder);
  const enter = place === '' ? '' : `cd ${place}, `;
  const install = (await isInstalled(folder)) ? '' : 'npm install, ';
  io.stderr.write(
    `next: ${enter}${install}npx millrace run --once --file inspections=feeds/samples/inspections.xml\n`,
  );
  return EXIT.done;
};

/** Whether the folder has the package already, as where it was installed first and the command is its own. */
const isInstalled = async (folder: string): Promise<boolean> => {
  try {
    await access(join(folder, 'node_modules/millrace/package.json'));
    return true;
  } catch {
    return false;
  }
};

/** COPYFILE_EXCL: a file that is there is an error. */
const COPY_NEW = 1;

const make = async (
  folder: string,
  name: string,
  io: CommandIo,
  write: (path: string) => Promise<void>,
): Promise<void> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(path);
    io.stdout.write(`${name}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    io.stderr.write(`${name} is there and stays as it is\n`);
  }
};

/** Of the same version as the command that writes it. */
const describePackage = async (): Promise<string> => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return toText({ private: true, type: 'module', dependencies: { millrace: version } });
};

const toText = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
