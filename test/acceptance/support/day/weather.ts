import type { World } from './world.ts';

/** What AWS promises to do to everybody now and then. No person is needed: it heals by itself once it is over. */
export interface Weather {
  readonly word: string;
  /** What the cloud calls the faults of it. */
  readonly faults: readonly string[];
  /** @default 1 */
  readonly hours?: number;
  /** What it keeps from its end is told to a person later; so it is none of a day's last two hours. */
  readonly delays?: true;
  begin(world: World): void;
  /** Takes back what was not used up. */
  end(world: World): void;
  /** The work of an hour. @default - as ever */
  runHour?(world: World, hourMs: number): Promise<void>;
}
