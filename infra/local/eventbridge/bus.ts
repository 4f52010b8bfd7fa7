import * as z from 'zod';
import { ACCOUNT, REGION } from '../assembly/names.ts';
import type { MachineModel, RuleModel } from '../assembly/resources.ts';
import type { RuleTarget } from '../assembly/rules.ts';
import type { Clock } from '../clock.ts';
import type { Chance } from '../executions/chance.ts';
import { toDeliveries } from '../executions/deliver.ts';
import type { Journal } from '../executions/journal.ts';
import type { FaultsNow } from '../faults-now.ts';
import type { BusEvent } from '../ipc.ts';
import type { CloudProgress } from '../local-cloud.ts';
import { compilePattern } from './pattern.ts';

/** An entry of PutEvents. */
export interface PutEventsEntry {
  readonly Source?: string | undefined;
  readonly DetailType?: string | undefined;
  /** JSON text of an object. */
  readonly Detail?: string | undefined;
  readonly Resources?: readonly string[] | undefined;
  readonly EventBusName?: string | undefined;
  /** Seconds since 1970. */
  readonly Time?: number | undefined;
}

export interface PutEventsAnswer {
  readonly FailedEntryCount: number;
  readonly Entries: readonly (
    | { readonly EventId: string }
    | { readonly ErrorCode: string; readonly ErrorMessage: string }
  )[];
}

export interface EventBus {
  /** Journals an event's deliveries; when it resolves, they will happen whatever comes. An event is taken once. */
  accept(event: BusEvent): Promise<void>;
  put(entries: readonly PutEventsEntry[]): Promise<PutEventsAnswer>;
  /** From now on events go by these rules. Throws InvalidInput, and changes nothing, for a pattern that the matcher lacks. */
  deploy(rules: readonly RuleModel[]): void;
}

export interface BusOptions extends FaultsNow {
  readonly rules: readonly RuleModel[];
  readonly machines: readonly MachineModel[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Deliveries were journaled. */
  onDeliveries(): void;
  onProgress(progress: CloudProgress): void;
}

/**
 * The default event bus: what arrives goes to each target of each enabled rule whose pattern it matches. Throws
 * InvalidInput for a pattern that the matcher lacks.
 */
export const createBus = (options: BusOptions): EventBus => {
  const { journal, chance } = options;
  let rules = compile(options.rules);
  const machineNames = new Map(options.machines.map((machine) => [machine.arn, machine.name]));
  const deliveriesOf = (event: BusEvent) => {
    if (options.faults().loseEventsOf?.includes(event.source) === true) {
      options.onStruck('loseEventsOf');
      return [];
    }
    return rules
      .filter((rule) => rule.isEnabled && rule.matches(event))
      .flatMap((rule) => rule.targets.map((target) => ({ rule, target })))
      .flatMap(({ rule, target }) => {
        const trigger = `rule ${rule.name}: ${event.source} ${event['detail-type']} ${event.id}`;
        const machine = machineNames.get(target.machineArn) ?? target.machineArn;
        return toDeliveries({ machine, trigger, input: inputOf(target, event) }, options, chance);
      });
  };
  const accept = async (event: BusEvent): Promise<void> => {
    if (journal.takeEvent(event.id, deliveriesOf(event))) options.onDeliveries();
  };
  return {
    accept,
    deploy: (next) => {
      rules = compile(next);
    },
    put: async (entries) => {
      const answers = entries.map(async (entry) => {
        const refusal = refusalOf(entry);
        if (refusal !== undefined) return refusal;
        const event = eventOf(entry, chance.uuid(), options.clock.now());
        await accept(event);
        options.onProgress({
          type: 'event-taken',
          source: event.source,
          detailType: event['detail-type'],
          detail: event.detail,
        });
        return { EventId: event.id };
      });
      const all = await Promise.all(answers);
      return { FailedEntryCount: all.filter((answer) => 'ErrorCode' in answer).length, Entries: all };
    },
  };
};

const compile = (rules: readonly RuleModel[]) =>
  rules.map((rule) => ({ ...rule, matches: compilePattern(rule.pattern) }));

/** What the target gets: a constant, a part of the event, or the whole event. */
const inputOf = (target: RuleTarget, event: BusEvent): string => {
  if (target.input !== undefined) return target.input;
  let part: unknown = event;
  for (const key of (target.inputPath ?? '$').split('.').slice(1)) {
    part =
      typeof part === 'object' && part !== null
        ? Object.entries(part).find(([name]) => name === key)?.[1]
        : undefined;
  }
  return JSON.stringify(part ?? null);
};

const jsonObject = z.record(z.string(), z.unknown());

/** docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const refusalOf = ({ Source, DetailType, Detail, EventBusName }: PutEventsEntry) => {
  const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (value === undefined || value === '')
      return refuse(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  }
  if (Source?.startsWith('aws.')) {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  // AWS would answer 200 and drop the event; nothing is dropped here without a word.
  if (EventBusName !== undefined && EventBusName !== 'default') {
    return refuse('ResourceNotFoundException', `event bus ${EventBusName} does not exist here, only default`);
  }
  return parseDetail(Detail) === undefined ? refuse('MalformedDetail', 'Detail is malformed.') : undefined;
};

const parseDetail = (text: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    return jsonObject.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
};

const eventOf = (entry: PutEventsEntry, id: string, now: number): BusEvent => ({
  version: '0',
  id,
  'detail-type': entry.DetailType ?? '',
  source: entry.Source ?? '',
  account: ACCOUNT,
  time: `${new Date(entry.Time === undefined ? now : entry.Time * 1000).toISOString().slice(0, 19)}Z`,
  region: REGION,
  resources: [...(entry.Resources ?? [])],
  detail: parseDetail(entry.Detail) ?? {},
});
