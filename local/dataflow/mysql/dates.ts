// Dates and times of MySQL's binary protocol as the numbers of Parquet: days and microseconds since 1970, in 64 bits.

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** Days since 1970-01-01 of the proleptic Gregorian calendar; undefined for what is no day of it, e.g. month 0. */
export function epochDays(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  // Years begin in March, so that a leap day is the last of its year; 400 of them repeat.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Writes a point in time as microseconds since 1970: a year above 2255 has more of them than a double holds. */
export function putEpochMicros(words: Int32Array, target: number, epochSeconds: number, micros: number): void {
  const high = Math.floor(epochSeconds / 65_536) * 1_000_000;
  const low = (epochSeconds & 0xffff) * 1_000_000 + micros;
  // high counts 2^16 microseconds each; both halves of it stand 16 bits further up in the sum.
  const highWord = Math.floor(high / 65_536);
  const sum = (high - highWord * 65_536) * 65_536 + low;
  const carry = Math.floor(sum / word);
  words[target] = sum - carry * word;
  words[target + 1] = highWord + carry;
}

const word = 4_294_967_296;

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
