// The port to a database: what a load needs of its source. Another database is another file that offers this.

import type { FileType } from '../parquet/parquet-file.ts';
import type { ReadRange } from './ranges.ts';
import type { PartitionType } from './source-choice.ts';

/** Values of one column, by the way the template renders them; the type in which they stand in the files is named beside. */
export type ScalarValue =
  /** BIGINT; UBIGINT if unsigned. */
  | { readonly kind: 'integer'; readonly unsigned?: boolean }
  /** DOUBLE. */
  | { readonly kind: 'float' }
  /** DECIMAL of that precision and scale if they are given and the digits are few enough for `fileTypeOf`, else VARCHAR: its digits. */
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  /** BOOLEAN. */
  | { readonly kind: 'boolean' }
  /** VARCHAR. */
  | { readonly kind: 'string' }
  /** DATE. */
  | { readonly kind: 'date' }
  /** TIME. */
  | { readonly kind: 'time' }
  /** TIMESTAMP: java.sql.Timestamp, which the template writes with a zone, UTC, whether the source's value has one or not. */
  | { readonly kind: 'timestamp' }
  /** TIMESTAMP: java.time.LocalDateTime, which the template writes without a zone. */
  | { readonly kind: 'datetime' }
  /** TIMESTAMPTZ: a point in time. */
  | { readonly kind: 'instant' }
  /** BLOB. */
  | { readonly kind: 'bytes' }
  /** What the driver has no type of its own for, shown as an object of type and value. VARCHAR: the value's text. */
  | { readonly kind: 'object'; readonly typeName: string };

/** An array is VARCHAR: its JSON. */
export type ColumnValue = ScalarValue | { readonly kind: 'array'; readonly element: ScalarValue };

export type SourceColumn = {
  readonly name: string;
  readonly value: ColumnValue;
  /** What the source calls the type. */
  readonly typeName: string;
};

const fileTypes = {
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
  string: 'VARCHAR',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  datetime: 'TIMESTAMP',
  instant: 'TIMESTAMPTZ',
  bytes: 'BLOB',
  object: 'VARCHAR',
  array: 'VARCHAR',
} as const;

/** Digits a decimal may declare to be a number in the files: as many as a JavaScript number holds exactly. */
const fileDigits = 15;

/** The type in which the values of a column stand in the files of a load. */
export function fileTypeOf(value: ColumnValue): FileType {
  if (value.kind === 'integer' && value.unsigned === true) return { is: 'UBIGINT' };
  if (value.kind !== 'decimal') return { is: fileTypes[value.kind] };
  const { precision, scale } = value;
  if (precision === undefined || scale === undefined || precision > fileDigits) return { is: 'VARCHAR' };
  return { is: 'DECIMAL', precision, scale };
}

/** What is read: a table (or subquery) restricted to a range of its partition column, or a query. Texts go into SQL as they stand. */
export type Relation =
  | { readonly table: string; readonly column: string; readonly columnType: PartitionType; readonly range: ReadRange }
  | { readonly query: string };

/** What came of reading one relation into a file. */
export type ReadResult = {
  readonly rows: number;
  /** Size of the file. */
  readonly fileBytes: number;
};

/** Where rows go. */
export type ReadTarget = {
  /** Path of the new Parquet file; its columns are c0, c1 and so on, in the types of `fileTypeOf`. */
  readonly file: string;
  /** Memory for the rows of a row group. */
  readonly groupBytes: number;
  /** Told how many rows came over the wire, in how many bytes, as they come. */
  onRows(rows: number, bytes: number): void;
};

/** One connection to the source, used by one range at a time. */
export type SourceConnection = {
  /** Smallest and largest value of the column; undefined where it is NULL throughout. Fails if it is not of that type. */
  bounds(table: string, column: string, type: PartitionType): Promise<{ lower?: bigint; upper?: bigint }>;
  /** Columns of a table or a query, in order. */
  columns(of: { readonly table: string } | { readonly query: string }): Promise<SourceColumn[]>;
  /** Streams the rows into a new file. */
  readInto(target: ReadTarget, relation: Relation, columns: readonly SourceColumn[]): Promise<ReadResult>;
  /** Ends the connection at once, whatever it does. */
  destroy(): void;
  close(): Promise<void>;
};

/** An error of the source: `transient` if another try may succeed (connection lost, too many clients). */
export class SourceError extends Error {
  readonly transient: boolean;

  constructor(message: string, transient: boolean) {
    super(message);
    this.name = 'SourceError';
    this.transient = transient;
  }
}

/** Opens a connection; rejects with SourceError, and at once when the signal aborts. */
export type OpenSource = (signal: AbortSignal) => Promise<SourceConnection>;
