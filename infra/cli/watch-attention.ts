import { attentionDetail } from '../../shared/attention/message.ts';
import { needOf } from '../../shared/attention/registry.ts';
import { toWaysText } from '../../shared/attention/remedies/registry.ts';
import { EVENT } from '../../shared/state/messages.ts';
import type { CloudProgress } from '../local/local-cloud.ts';
import { toCauseText } from './cause.ts';
import type { CommandIo } from './command-io.ts';
import { toOptions } from './deployment/where.ts';
import { toFileCommand, toLanding } from './next-step.ts';
import { placeOf } from './page-place.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import type { VerbArguments } from './verbs/verb.ts';

export interface AttentionOptions {
  readonly io: CommandIo;
  readonly args: VerbArguments;
  /** Whose progress line gives way to what is said. */
  readonly moving: Terminal;
  /** Under --json nothing is said. */
  readonly isQuiet: boolean;
}

const SAID: readonly string[] = [EVENT.feedNeedsAttention, EVENT.feedRecovered];

/** Says on stderr what a deployment on AWS tells by its topic: that a feed has come to need somebody, with the command, and that it is over. */
export const watchAttention = ({
  io,
  args,
  moving,
  isQuiet,
}: AttentionOptions): ((progress: CloudProgress) => void) => {
  const terminal = openTerminal(io, io.stderr);
  const said = new Set<string>(); // messages come at least once
  return (progress) => {
    if (isQuiet || progress.type !== 'event-taken' || !SAID.includes(progress.detailType)) return;
    const { data } = attentionDetail.safeParse(progress.detail);
    const need = data && needOf(data.need);
    if (data === undefined || need === undefined) return;
    const id = [progress.detailType, data.feed, data.need, data.at].join(' ');
    if (said.has(id)) return;
    said.add(id);
    moving.clear();
    const { feed, batch = '', cause, ways, heading } = data;
    const options = toOptions(args);
    // While a cloud serves, its folder is taken: what it tells of the failure says how to copy the file.
    const land = args.flags.has('once') ? toLanding(toFileCommand(feed, options)) : undefined;
    terminal.line(
      progress.detailType === EVENT.feedRecovered
        ? `${terminal.style.good('✓')} feed ${feed} ${need.over}`
        : `${terminal.style.bad('✗')} feed ${feed} ${need.says}${batch === '' ? '' : ` ${batch}`}: ${toCauseText(cause, `npx millrace status ${feed}${options} --json`)}; next: ${toWaysText(ways, { options, land })}; ${placeOf('runbook')}, ${heading}`,
    );
  };
};
