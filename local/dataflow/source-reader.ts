// The port to a database: what a load needs of its source. Another database is another file that offers this.

import type { ReadRange } from './ranges.ts';
import type { PartitionType } from './source-choice.ts';

/** Values of one column, by the way the template renders them; each is written to files as the text named beside it. */
export type ScalarValue =
  /** Decimal digits. */
  | { readonly kind: 'integer' }
  /** Digits with point or exponent, NaN, Infinity. */
  | { readonly kind: 'float' }
  /** Plain digits; precision and scale if the column declares them. */
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  /** `t` or `f`. */
  | { readonly kind: 'boolean' }
  | { readonly kind: 'string' }
  /** `YYYY-MM-DD`. */
  | { readonly kind: 'date' }
  /** `HH:MM:SS[.ffffff]`. */
  | { readonly kind: 'time' }
  /** `YYYY-MM-DD HH:MM:SS[.ffffff]`, no zone. */
  | { readonly kind: 'timestamp' }
  /** The same with an offset. */
  | { readonly kind: 'instant' }
  /** `\\x` and hexadecimal digits (the backslash escaped). */
  | { readonly kind: 'bytes' }
  /** What the driver has no type of its own for: shown as an object of type and value. */
  | { readonly kind: 'object'; readonly typeName: string };

export type ColumnValue = ScalarValue | { readonly kind: 'array'; readonly element: ScalarValue };

export type SourceColumn = { readonly name: string; readonly value: ColumnValue };

/** What is read: a table (or subquery) restricted to a range of its partition column, or a query. Texts go into SQL as they stand. */
export type Relation =
  | { readonly table: string; readonly column: string; readonly columnType: PartitionType; readonly range: ReadRange }
  | { readonly query: string };

/** What came of reading one relation into a file. */
export type ReadResult = {
  readonly rows: number;
  readonly bytes: number;
  /** Bytes of the longest row. */
  readonly longestRow: number;
  /** Whether any text holds a backslash escape (`\\`, `\n`, `\t` and so on) that has to be undone. */
  readonly escapes: boolean;
};

/**
 * One connection to the source, used by one range at a time. Files hold one row per line, fields separated by tabs, NULL as `\N`,
 * backslash, tab, newline and the like escaped by a backslash: the text format of COPY, which MySQL writes too.
 */
export type SourceConnection = {
  /** Smallest and largest value of the column; undefined where it is NULL throughout. Fails if it is not of that type. */
  bounds(table: string, column: string, type: PartitionType): Promise<{ lower?: bigint; upper?: bigint }>;
  /** Columns of a table or a query, in order. */
  columns(of: { readonly table: string } | { readonly query: string }): Promise<SourceColumn[]>;
  /** Streams the rows into a new file; `onBytes` is told how many row bytes came, as they come. */
  readInto(
    file: string,
    relation: Relation,
    columns: readonly SourceColumn[],
    onBytes: (count: number) => void,
  ): Promise<ReadResult>;
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
