/**
 * Time that runs ahead of the machine's: a day of the local cloud is simulated without waiting a day. Everything that a process asks of
 * `Date` tells the later time, so that signatures, records, `Last-Modified`, deadlines and the database's own now() agree; timers wait as
 * long as ever. The local cloud hands it on to its children with each step, and nothing that is deployed knows of it.
 */

const machineDate = globalThis.Date;
let aheadMs = 0;
const followers = new Set<(ms: number) => void>();

const now = (): number => machineDate.now() + aheadMs;

const aheadDate = new Proxy(machineDate, {
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  apply: () => new machineDate(now()).toString(),
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
});

/** How far this process is ahead, in milliseconds. */
export const timeAhead = (): number => aheadMs;

/** Sets how far this process, and every local cloud that it runs, is ahead of the machine; 0 is the machine's own time. */
export const runAhead = (ms: number): void => {
  aheadMs = ms;
  globalThis.Date = ms === 0 ? machineDate : aheadDate;
  for (const follow of followers) follow(ms);
};

/** Tells how far this process is ahead, at once and with each change, until what is answered is called. */
export const followTime = (follow: (ms: number) => void): (() => void) => {
  followers.add(follow);
  if (aheadMs !== 0) follow(aheadMs);
  return () => followers.delete(follow);
};
