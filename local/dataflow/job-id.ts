// Makes job ids as Dataflow does: Pacific time of creation, then a random number.

import { randomInt } from 'node:crypto';

const pacific = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** e.g. `2026-11-23_03_57_12-4719830264718369120`; the time is that of creation, as seen in Los Angeles. */
export function newJobId(createdAt: number): string {
  const time = pacific.format(createdAt).replace(', ', '_').replaceAll(':', '_');
  const digits = Array.from({ length: 3 }, () => String(randomInt(1_000_000)).padStart(6, '0')).join('');
  return `${time}-${randomInt(1, 10)}${digits}`;
}
