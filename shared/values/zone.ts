/** What a zone's clocks showed, by the zone rules that the runtime has. */

const DAY_MS = 86_400_000;

/** Days whose offset is remembered; a source's times mostly lie close together. */
const MOST_DAYS = 4096;

const GMT = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. */
type OffsetAt = (ms: number) => number;

const exactOffset = (zone: string): OffsetAt => {
  const shown = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (ms) => {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = GMT.exec(shown.format(ms)) ?? [];
    const size = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
    return sign === '-' ? -size : size;
  };
};

/** Asking the runtime costs microseconds, so a day that begins and ends with one offset is asked for once. */
const quickOffset = (exact: OffsetAt): OffsetAt => {
  const days = new Map<number, number | undefined>();
  return (ms) => {
    const day = Math.floor(ms / DAY_MS);
    if (!days.has(day)) {
      if (days.size >= MOST_DAYS) days.clear();
      const offset = exact(day * DAY_MS);
      days.set(day, offset === exact((day + 1) * DAY_MS) ? offset : undefined);
    }
    return days.get(day) ?? exact(ms);
  };
};

/** Whether the runtime knows a zone by this name. */
export const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
};

/**
 * The instant at which a zone's clocks showed a time, which is given as if it were UTC. Of a time that they showed twice, when daylight
 * saving ends, it is the first instant, as in Java; undefined for one that they skipped.
 */
export const toInstant = (zone: string): ((localMs: number) => number | undefined) => {
  if (zone === 'UTC') return (localMs) => localMs;
  const offsetAt = quickOffset(exactOffset(zone));
  return (localMs) => {
    // No zone changes its clocks twice within two days.
    const instants = [localMs - DAY_MS, localMs + DAY_MS]
      .map((around) => localMs - offsetAt(around))
      .filter((instant) => instant + offsetAt(instant) === localMs);
    return instants.length === 0 ? undefined : Math.min(...instants);
  };
};
