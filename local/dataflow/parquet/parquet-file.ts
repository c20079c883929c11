// Writes Parquet files: one row group after the other out of column buffers, uncompressed and in plain encoding, then the footer.
//
// Source of numbers and layout: parquet.thrift of apache/parquet-format. The format is that of the loads' temporary files, because
// DuckDB reads it in a fifth of the time it needs for text (see postgres-copy.ts).

import { closeSync, openSync, writeSync } from 'node:fs';
import { type ColumnBuffer, clear } from './column-buffer.ts';
import { encodeThrift, type ThriftStruct, type ThriftValue } from './thrift.ts';

/** Types of columns, as DuckDB names what it reads from them. */
export type FileType =
  | {
      readonly is:
        | 'BIGINT'
        | 'UBIGINT'
        | 'DOUBLE'
        | 'BOOLEAN'
        | 'VARCHAR'
        | 'BLOB'
        | 'DATE'
        | 'TIME'
        | 'TIMESTAMP'
        | 'TIMESTAMPTZ';
    }
  /** Unscaled, in 64 bits: up to 18 digits. */
  | { readonly is: 'DECIMAL'; readonly precision: number; readonly scale: number };

export type ParquetFile = {
  /** Writes the buffers as a row group of so many rows and empties them. */
  addRowGroup(rows: number): void;
  /** Writes the footer and closes the file; answers its size in bytes. */
  finish(): number;
  /** Closes the file as it is. */
  abandon(): void;
};

/** A new file; its columns are named c0, c1 and so on, all of them may be NULL. */
export function createParquetFile(
  path: string,
  types: readonly FileType[],
  columns: readonly ColumnBuffer[],
): ParquetFile {
  const fd = openSync(path, 'w');
  const groups: ThriftValue[] = [];
  let offset = 0;
  let totalRows = 0;
  const write = (bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
    offset += bytes.length;
  };
  write(magic);

  return {
    addRowGroup(rows) {
      const begin = offset;
      const chunks = columns.map((column, index): ThriftValue => {
        const type = types[index] ?? { is: 'VARCHAR' };
        const start = offset;
        const levels = definitionLevels(column, rows);
        const values = column.data.subarray(0, type.is === 'BOOLEAN' ? (column.position + 7) >> 3 : column.position);
        write(pageHeader(rows, levels.length + values.length));
        write(levels);
        write(values);
        clear(column, type.is === 'BOOLEAN');
        return chunk(index, physicalType(type), rows, start, offset - start);
      });
      groups.push({
        struct: [
          [1, { list: chunks, of: 'struct' }],
          [2, { i64: offset - begin }],
          [3, { i64: rows }],
        ],
      });
      totalRows += rows;
    },
    finish() {
      const footer = encodeThrift([
        [1, { i32: 1 }],
        [2, { list: [root(types.length), ...types.map(schemaElement)], of: 'struct' }],
        [3, { i64: totalRows }],
        [4, { list: groups, of: 'struct' }],
      ]);
      write(footer);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(footer.length);
      write(length);
      write(magic);
      closeSync(fd);
      return offset;
    },
    abandon: () => closeSync(fd),
  };
}

const magic = Buffer.from('PAR1');
const encodings = { plain: 0, rle: 3 };

function physicalType({ is }: FileType): number {
  if (is === 'BOOLEAN') return 0;
  if (is === 'DATE') return 1;
  if (is === 'DOUBLE') return 5;
  return is === 'VARCHAR' || is === 'BLOB' ? 6 : 2;
}

/** Types that DuckDB knows by the older of Parquet's two annotations. */
const convertedTypes: Partial<Record<FileType['is'], number>> = {
  VARCHAR: 0,
  DECIMAL: 5,
  DATE: 6,
  TIME: 8,
  TIMESTAMP: 10,
  UBIGINT: 14,
};

/** The newer annotation, for an instant: TIMESTAMP, adjusted to UTC, in microseconds. */
const instant: ThriftStruct = [
  [
    8,
    {
      struct: [
        [1, { bool: true }],
        [2, { struct: [[2, { struct: [] }]] }],
      ],
    },
  ],
];

function schemaElement(type: FileType, index: number): ThriftValue {
  const converted = convertedTypes[type.is];
  return {
    struct: [
      [1, { i32: physicalType(type) }],
      [3, { i32: 1 }],
      [4, { text: `c${index}` }],
      [6, converted === undefined ? undefined : { i32: converted }],
      [7, type.is === 'DECIMAL' ? { i32: type.scale } : undefined],
      [8, type.is === 'DECIMAL' ? { i32: type.precision } : undefined],
      [10, type.is === 'TIMESTAMPTZ' ? { struct: instant } : undefined],
    ],
  };
}

function root(children: number): ThriftValue {
  return {
    struct: [
      [4, { text: 'row' }],
      [5, { i32: children }],
    ],
  };
}

function chunk(index: number, type: number, rows: number, start: number, size: number): ThriftValue {
  const metadata: ThriftStruct = [
    [1, { i32: type }],
    [2, { list: [{ i32: encodings.plain }, { i32: encodings.rle }], of: 'i32' }],
    [3, { list: [{ text: `c${index}` }], of: 'text' }],
    [4, { i32: 0 }],
    [5, { i64: rows }],
    [6, { i64: size }],
    [7, { i64: size }],
    [9, { i64: start }],
  ];
  return {
    struct: [
      [2, { i64: start }],
      [3, { struct: metadata }],
    ],
  };
}

function pageHeader(rows: number, bytes: number): Buffer {
  const dataPage: ThriftStruct = [
    [1, { i32: rows }],
    [2, { i32: encodings.plain }],
    [3, { i32: encodings.rle }],
    [4, { i32: encodings.rle }],
  ];
  return encodeThrift([
    [1, { i32: 0 }],
    [2, { i32: bytes }],
    [3, { i32: bytes }],
    [5, { struct: dataPage }],
  ]);
}

/** One run: of ones where nothing is NULL, else the bits as they are. Its length stands before it. */
function definitionLevels(column: ColumnBuffer, rows: number): Buffer {
  const groups = (rows + 7) >> 3;
  const run =
    column.nulls === 0
      ? Buffer.from([...unsigned(rows << 1), 1])
      : Buffer.concat([Buffer.from(unsigned((groups << 1) | 1)), column.present.subarray(0, groups)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length);
  return Buffer.concat([length, run]);
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
