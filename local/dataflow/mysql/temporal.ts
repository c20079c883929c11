// Reads dates and times of MySQL's binary protocol by the rules of its drivers, which refuse some of them.

import { epochDays, putEpochMicros } from './dates.ts';
import { type WireColumn, wire } from './wire.ts';

/** Writes a date or a time of it; false: it becomes NULL. A length of 0 is the date of nothing but zeros, 4 has no time, 7 no fraction. */
export function putDate(column: WireColumn, view: DataView, at: number, length: number): boolean {
  const { buffer, form } = column;
  const target = buffer.position >> 2;
  let year = length === 0 ? 0 : view.getUint16(at, true);
  let month = length === 0 ? 0 : view.getUint8(at + 2);
  let day = length === 0 ? 0 : view.getUint8(at + 3);
  if (year === 0 && month === 0 && day === 0) {
    if (column.zeroDates === 'null') return false;
    if (column.zeroDates === 'refused') {
      throw new Error(
        `Zero date value prohibited. Column ${column.name}; zeroDateTimeBehavior=CONVERT_TO_NULL among the connection properties makes it NULL`,
      );
    }
    [year, month, day] = [1, 1, 1];
  }
  const days = epochDays(year, month, day);
  if (days === undefined) throw new Error(`column ${column.name} holds ${year}-${month}-${day}, which is no date`);
  if (form === wire.date) {
    buffer.words[target] = days;
    buffer.position += 4;
    return true;
  }
  const time = length > 4 ? view.getUint8(at + 4) * 3600 + view.getUint8(at + 5) * 60 + view.getUint8(at + 6) : 0;
  putEpochMicros(buffer.words, target, days * 86_400 + time, length > 7 ? view.getUint32(at + 7, true) : 0);
  buffer.position += 8;
  return true;
}

/** A length of 0 is midnight, 8 has no fraction. */
export function timeMicros({ name, form }: WireColumn, view: DataView, at: number, length: number): number {
  if (length === 0) return 0;
  const hours = view.getUint32(at + 1, true) * 24 + view.getUint8(at + 5);
  const minutes = view.getUint8(at + 6);
  const seconds = view.getUint8(at + 7);
  const micros = (hours * 3600 + minutes * 60 + seconds) * 1e6 + (length > 8 ? view.getUint32(at + 8, true) : 0);
  const negative = view.getUint8(at) === 1;
  if (!negative && micros < dayMicros) return micros;
  if (form === wire.wrappedTime) return (((negative ? -micros : micros) % dayMicros) + dayMicros) % dayMicros;
  const text = [hours, minutes, seconds].map((part) => String(part).padStart(2, '0')).join(':');
  throw new Error(
    `The value '${negative ? '-' : ''}${text}' is an invalid TIME value. JDBC Time objects represent a wall-clock time and not a duration as MySQL treats them. Column ${name}; cast it to char in the query`,
  );
}

const dayMicros = 86_400_000_000;
