import type { Whereabouts } from '../../shared/attention/message.ts';

export interface WhereaboutsOptions {
  /** The deployment's name for `--env`. */
  readonly deployment: string;
  readonly region: string;
  /** Of the state machines. */
  readonly logGroups: readonly string[];
}

/** Commands and pages of a deployment on AWS. */
export const whereaboutsOf = ({ deployment, region, logGroups }: WhereaboutsOptions): Whereabouts => {
  const console = `https://${region}.console.aws.amazon.com`;
  return {
    options: ` --env ${deployment}`,
    logs: (feed, batch) =>
      `${console}/cloudwatch/home?region=${region}#logsV2:logs-insights${toQueryDetail(toQuery(batch ?? feed), logGroups)}`,
    trace: (feed, batch) => {
      const filter = batch === undefined ? `annotation.feed = "${feed}"` : `annotation.batch = "${batch}"`;
      // Six hours are the most: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-deeplinks.html
      return `${console}/xray/home?region=${region}#/traces?timeRange=PT6H&filter=${encodeURIComponent(filter)}`;
    },
  };
};

/** Every event of the executions that a name stands in, with what failed. */
const toQuery = (name: string): string =>
  `fields @timestamp, type, details.name, details.error, details.cause | filter @message like "${name}" | sort @timestamp desc | limit 200`;

const DAY_SECONDS = 86_400;

/**
 * A query as the console itself writes it into its address, which no page of AWS tells: JSON as `~(key~value)`, texts behind a quote with `*xx`
 * for other characters, and the whole encoded twice with `$` in the place of `%`.
 */
const toQueryDetail = (query: string, groups: readonly string[]): string => {
  const source = groups.map((group) => `~'${toText(group)}`).join('');
  const detail = `~(end~0~start~-${DAY_SECONDS}~timeType~'RELATIVE~unit~'seconds~editorString~'${toText(query)}~source~(${source}))`;
  return `$3FqueryDetail$3D${escapeAll(detail, '$25')}`;
};

const toText = (text: string): string => escapeAll(text, '*');

const escapeAll = (text: string, sign: string): string =>
  text.replaceAll(
    /[^A-Za-z0-9_.-]/g,
    (char) => `${sign}${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
