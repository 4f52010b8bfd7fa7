/** How many rejected rows a feed bears. */
export interface RejectsLimit {
  readonly count: number;
  readonly percent: number;
}

/** With so many digits that the number is over the limit as it reads, too. */
const toPercent = (percent: number, limit: number): string => {
  let digits = 2;
  while (digits < 20 && Number(percent.toFixed(digits)) <= limit) digits += 1;
  return `${percent.toFixed(digits).replace(/\.?0+$/, '')}%`;
};

const toRejects = (n: number): string => `${n} ${n === 1 ? 'reject' : 'rejects'}`;

/** Why these are too many rejects, which needs them to be over both limits; undefined when they are not. */
export const findExcess = (rejected: number, rows: number, limit: RejectsLimit): string | undefined => {
  const percent = rejected === 0 ? 0 : (100 * rejected) / (rejected + rows);
  if (rejected <= limit.count || percent <= limit.percent) return undefined;
  const shown = toPercent(percent, limit.percent);
  return `${toRejects(rejected)}, ${shown} of its rows, allowed ${toRejects(limit.count)} or ${limit.percent}%: it is over both`;
};
