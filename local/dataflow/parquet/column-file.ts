// One file of a load while it is written: rows are gathered by column and go out in row groups of a fixed size.

import { type ColumnBuffer, createColumnBuffer } from './column-buffer.ts';
import { createParquetFile, type FileType } from './parquet-file.ts';

export type ColumnFile = {
  /** To be filled by the source: one value or NULL in each for every row. */
  readonly columns: readonly ColumnBuffer[];
  /** Number of the row that is being filled, within its group. */
  row: number;
  /** Ends the row, which had so many bytes on the wire. */
  endRow(bytes: number): void;
  /** Writes what is left and closes the file; answers its size in bytes. */
  finish(): number;
  /** Closes the file as it is. */
  abandon(): void;
};

/** A new file that writes a row group for every `groupBytes` of rows; so much memory, and not more, a file takes. */
export function createColumnFile(path: string, types: readonly FileType[], groupBytes: number): ColumnFile {
  const columns = types.map(createColumnBuffer);
  const parquet = createParquetFile(path, types, columns);
  let bytesInGroup = 0;
  const endGroup = (): void => {
    parquet.addRowGroup(file.row);
    file.row = 0;
    bytesInGroup = 0;
  };
  const file: ColumnFile = {
    columns,
    row: 0,
    endRow(bytes) {
      file.row += 1;
      bytesInGroup += bytes;
      if (bytesInGroup >= groupBytes) endGroup();
    },
    finish() {
      if (file.row > 0) endGroup();
      return parquet.finish();
    },
    abandon: parquet.abandon,
  };
  return file;
}
