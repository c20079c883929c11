// Takes the rows of MySQL's binary protocol apart into columns. This loop sees every value, so it is written for speed.
//
// Source of the formats: "Binary Protocol Resultset Row" in MySQL's documentation of its client protocol. The binary protocol is the one
// Connector/J speaks with useCursorFetch, which the planner asks for: floats come whole, the text protocol shows six digits of them.

import { type ColumnBuffer, markPresent, putBytes, putNumber, reserve } from '../parquet/column-buffer.ts';
import { epochDays, putEpochMicros } from './dates.ts';
import { putDate, timeMicros } from './temporal.ts';
import { type WireColumn, type WireForm, wire } from './wire.ts';

/** Reads the row that stands at `at` as row number `row` of the buffers. Throws, in the driver's words, for what it does not read. */
export function readRow(columns: readonly WireColumn[], bytes: Buffer, view: DataView, at: number, row: number): void {
  // The bitmap of NULLs begins after the packet's first byte, with two bits that mean nothing.
  const nulls = at + 1;
  let place = nulls + ((columns.length + 9) >> 3);
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index] as WireColumn;
    const { buffer } = column;
    if (((bytes[nulls + ((index + 2) >> 3)] ?? 0) & (1 << ((index + 2) & 7))) !== 0) {
      buffer.nulls++;
      continue;
    }
    reserve(buffer, 16);
    const { words } = buffer;
    const target = buffer.position >> 2;
    switch (column.form) {
      case wire.tiny:
      case wire.utiny:
      case wire.short:
      case wire.ushort:
      case wire.long: {
        const value = smallInteger(column.form, view, place);
        place += column.form === wire.long ? 4 : column.form >= wire.short ? 2 : 1;
        words[target] = value;
        words[target + 1] = value >> 31;
        buffer.position += 8;
        break;
      }
      case wire.ulong:
        words[target] = view.getInt32(place, true);
        words[target + 1] = 0;
        place += 4;
        buffer.position += 8;
        break;
      case wire.longlong:
      case wire.double:
        words[target] = view.getInt32(place, true);
        words[target + 1] = view.getInt32(place + 4, true);
        place += 8;
        buffer.position += 8;
        break;
      case wire.float:
        doubles[0] = nearestDouble(view.getFloat32(place, true));
        words[target] = doubleWords[0] ?? 0;
        words[target + 1] = doubleWords[1] ?? 0;
        place += 4;
        buffer.position += 8;
        break;
      case wire.tinyBoolean: {
        const value = view.getInt8(place);
        putBoolean(buffer, value === -1 || value > 0);
        place += 1;
        break;
      }
      case wire.bitBoolean:
        putBoolean(buffer, bytes[place + 1] !== 0);
        place += 2;
        break;
      case wire.date:
      case wire.datetime: {
        const length = bytes[place] ?? 0;
        if (!putDate(column, view, place + 1, length)) {
          place += length + 1;
          buffer.nulls++;
          continue;
        }
        place += length + 1;
        break;
      }
      case wire.time:
      case wire.wrappedTime: {
        const length = bytes[place] ?? 0;
        putNumber(words, target, timeMicros(column, view, place + 1, length));
        buffer.position += 8;
        place += length + 1;
        break;
      }
      case wire.year: {
        const year = view.getUint16(place, true);
        // Connector/J reads the year 0000 as it would a year of two digits.
        const days = epochDays(year === 0 ? 2000 : year, 1, 1) ?? 0;
        putEpochMicros(words, target, days * 86_400, 0);
        buffer.position += 8;
        place += 2;
        break;
      }
      default: {
        const first = bytes[place] ?? 0;
        const length = first < 251 ? first : longLength(view, place);
        place += first < 251 ? 1 : first === 252 ? 3 : first === 253 ? 4 : 9;
        putLengthCoded(column, bytes, place, length);
        place += length;
      }
    }
    markPresent(buffer, row);
  }
}

const doubles = new Float64Array(1);
const doubleWords = new Int32Array(doubles.buffer);

function smallInteger(form: WireForm, view: DataView, at: number): number {
  if (form === wire.long) return view.getInt32(at, true);
  if (form === wire.short) return view.getInt16(at, true);
  if (form === wire.ushort) return view.getUint16(at, true);
  return form === wire.tiny ? view.getInt8(at) : view.getUint8(at);
}

/** The double nearest to the shortest text of a float, which is what Jackson writes; its exact value would have more digits. */
function nearestDouble(float: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const near = Number(float.toPrecision(digits));
    if (Math.fround(near) === float) return near;
  }
  return Number(float.toPrecision(9));
}

function putBoolean(buffer: ColumnBuffer, value: boolean): void {
  const byte = buffer.position >> 3;
  if (value) buffer.data[byte] = (buffer.data[byte] ?? 0) | (1 << (buffer.position & 7));
  buffer.position += 1;
}

/** 252, 253 and 254 stand before lengths of two, three and eight bytes. */
function longLength(view: DataView, at: number): number {
  const first = view.getUint8(at);
  if (first === 252) return view.getUint16(at + 1, true);
  return first === 253 ? view.getUint32(at, true) >>> 8 : Number(view.getBigUint64(at + 1, true));
}

function putLengthCoded({ form, scale, buffer }: WireColumn, bytes: Buffer, from: number, length: number): void {
  if (form === wire.decimal) {
    putNumber(buffer.words, buffer.position >> 2, decimalOf(bytes, from, length, scale));
    buffer.position += 8;
    return;
  }
  reserve(buffer, length + 4);
  if (form === wire.digits) {
    // The zeros of ZEROFILL are the column's, not the number's: a BigDecimal has none.
    let skipped = 0;
    while (skipped < length - 1 && bytes[from + skipped] === zero && (bytes[from + skipped + 1] ?? 0) >= zero)
      skipped++;
    putBytes(buffer, bytes, from + skipped, length - skipped);
  } else putBytes(buffer, bytes, from, length);
}

const zero = 0x30;
const point = 0x2e;
const minus = 0x2d;

/** The unscaled value of a decimal's text. */
function decimalOf(bytes: Buffer, from: number, length: number, scale: number): number {
  const negative = bytes[from] === minus;
  let value = 0;
  let missing = scale;
  let behindPoint = false;
  for (let at = negative ? from + 1 : from; at < from + length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === point) behindPoint = true;
    else {
      value = value * 10 + byte - zero;
      if (behindPoint) missing--;
    }
  }
  if (missing > 0) value *= 10 ** missing;
  return negative && value !== 0 ? -value : value;
}
