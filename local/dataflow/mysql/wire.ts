// How the values of a column stand in MySQL's binary protocol.

import type { ColumnBuffer } from '../parquet/column-buffer.ts';
import type { MysqlAddress } from './url.ts';

/** How a value stands on the wire, and what is made of it. */
export const wire = {
  tiny: 0,
  utiny: 1,
  short: 2,
  ushort: 3,
  long: 4,
  ulong: 5,
  longlong: 6,
  float: 7,
  double: 8,
  tinyBoolean: 9,
  bitBoolean: 10,
  date: 11,
  /** Microseconds, of DATETIME and TIMESTAMP. */
  datetime: 12,
  time: 13,
  /** A time beyond a day counts from its midnight, as java.sql.Time of MariaDB's driver does. */
  wrappedTime: 14,
  /** The first of January, in microseconds. */
  year: 15,
  /** Digits into 64 bits; at most 15, which a double holds. */
  decimal: 16,
  /** Digits as text, without the zeros of ZEROFILL. */
  digits: 17,
  /** Text and bytes as they are. */
  bytes: 18,
} as const;

export type WireForm = (typeof wire)[keyof typeof wire];

export type WireColumn = {
  readonly name: string;
  readonly form: WireForm;
  /** Digits after the point of a decimal. */
  readonly scale: number;
  readonly zeroDates: MysqlAddress['zeroDates'];
  readonly buffer: ColumnBuffer;
};
