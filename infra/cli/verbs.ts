/** The command's verbs and their options, as help shows them and as arguments are checked against them. */

export interface OptionSpec {
  /** Placeholder of the option's value; a flag has none. */
  readonly value?: string;
  readonly isRepeated?: boolean;
  readonly default?: string;
  readonly help: string;
}

export interface VerbSpec {
  readonly summary: string;
  /** Positional arguments as help shows them, and how many there may be. */
  readonly operands?: { readonly usage: string; readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
}

const feeds: OptionSpec = { value: 'DIR', default: 'feeds', help: 'the folder of the feed files' };
const data: OptionSpec = {
  value: 'DIR',
  default: '.millrace',
  help: 'where the local cloud keeps its state',
};

export const VERBS = {
  demo: {
    summary: 'run the sample feeds against a sample Jazz server, from nothing to loaded tables',
    options: {
      data,
      items: { value: 'N', help: 'work items at the sample server; default 5000' },
      keep: { help: 'go on serving afterwards, until Ctrl-C' },
    },
    examples: ['millrace demo', 'millrace demo --items 20000 --keep'],
  },
  run: {
    summary: 'run feeds on the local cloud: extract, load, report',
    options: {
      feed: {
        value: 'F',
        isRepeated: true,
        help: 'only this feed; may be repeated; default all, or those of --file',
      },
      file: {
        value: 'F=PATH',
        isRepeated: true,
        help: 'drop a file into landing/F/; may be repeated; only F and each --feed run',
      },
      at: { value: 'TIME', help: 'fire schedules as of this time, ISO 8601; default now' },
      once: { help: 'end when nothing is under way; without it schedules go on by the clock until Ctrl-C' },
      json: { help: 'print one JSON document on stdout; nothing where the work was interrupted' },
      secrets: { value: 'FILE', help: 'secrets as JSON; default MILLRACE_SECRETS, then DIR/secrets.json' },
      feeds,
      data,
    },
    examples: [
      'millrace run --feed work_items --once',
      'millrace run --file inspections=feeds/samples/inspections.xml --once --json',
    ],
  },
  convert: {
    summary: 'parse one XML document to CSV; no cloud at all',
    operands: { usage: 'FEED.yaml INPUT', min: 2, max: 2 },
    options: {
      table: { value: 'T', help: "the table to print; default the feed's first" },
      out: { value: 'DIR', help: 'write every table to DIR instead' },
      rejects: { value: 'PATH', help: 'write rejected rows there' },
    },
    examples: [
      'millrace convert feeds/inspections.yaml feeds/samples/inspections.xml',
      'curl … | millrace convert feeds/work_items.yaml - --out csv',
    ],
  },
  infer: {
    summary: 'read a sample once and print the feed file that reads it',
    operands: { usage: 'SAMPLE or URL', min: 1, max: 1 },
    options: {
      connection: { value: 'C', help: 'fetch by this connection; then a path below its baseUrl will do' },
      param: { value: 'k=v', isRepeated: true, help: 'a parameter of the URL; may be repeated' },
      feed: { value: 'NAME', help: "the feed's name; default the sample's" },
      secrets: { value: 'FILE', help: 'secrets as JSON; default MILLRACE_SECRETS, then DIR/secrets.json' },
      feeds,
      data,
    },
    examples: [
      'millrace infer feeds/samples/inspections.xml > feeds/inspections.yaml',
      'millrace infer /ccm/rpt/repository/workitem --connection jazz --param size=100 --feed work_items',
    ],
  },
  query: {
    summary: 'ask the local warehouse',
    operands: { usage: 'SQL', min: 1, max: 1 },
    options: { format: { value: 'table|csv|json', default: 'table', help: 'how rows are printed' }, data },
    examples: ['millrace query "select state, count(*) from ewm.work_items group by 1 order by 2 desc"'],
  },
  validate: {
    summary: 'check feed files; say what is wrong with line and column',
    operands: { usage: '[FEED.yaml…]', min: 0, max: 1000 },
    options: { feeds },
    examples: ['millrace validate', 'millrace validate feeds/work_items.yaml'],
  },
} as const satisfies Readonly<Record<string, VerbSpec>>;

export type VerbName = keyof typeof VERBS;

/** Verbs that the command will have; named so that they can be refused by name. */
export const LATER_VERBS: readonly string[] = [
  ...['preview', 'status', 'diff', 'trigger', 'backfill', 'rebuild', 'redrive', 'rejects', 'logs'],
  ...['pause', 'resume', 'secret', 'cost', 'console', 'doctor'],
];
