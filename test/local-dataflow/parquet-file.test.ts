// The files of a load: whatever goes in by columns, DuckDB reads the same out of them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ColumnBuffer, markPresent, reserve } from '../../local/dataflow/parquet/column-buffer.ts';
import { createColumnFile } from '../../local/dataflow/parquet/column-file.ts';
import { openWarehouse, type Warehouse } from '../../local/dataflow/warehouse/warehouse.ts';

const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openWarehouse(':memory:');
});
afterAll(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true });
});

type Row = { readonly number: number | null; readonly flag: boolean | null; readonly text: string | null };

function put(column: ColumnBuffer, row: number, value: number | boolean | string | null): void {
  if (value === null) {
    column.nulls++;
    return;
  }
  markPresent(column, row);
  const text = Buffer.from(String(value));
  reserve(column, text.length + 8);
  const at = column.position;
  if (typeof value === 'number') {
    new DataView(column.data.buffer).setBigInt64(at, BigInt(value), true);
    column.position += 8;
  } else if (typeof value === 'boolean') {
    const byte = at >> 3;
    if (value) column.data[byte] = (column.data[byte] ?? 0) | (1 << (at & 7));
    column.position += 1;
  } else {
    new DataView(column.data.buffer).setInt32(at, text.length, true);
    column.data.set(text, at + 4);
    column.position += 4 + text.length;
  }
}

test('any rows, in row groups of any size', async () => {
  const rowOf = fc.record({
    number: fc.option(fc.maxSafeInteger()),
    flag: fc.option(fc.boolean()),
    text: fc.option(fc.string({ unit: 'grapheme', maxLength: 300 })),
  });
  let files = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(rowOf, { maxLength: 60 }),
      fc.integer({ min: 1, max: 50 }),
      async (rows: Row[], groupRows) => {
        const path = join(folder, `${++files}.parquet`);
        const file = createColumnFile(path, [{ is: 'BIGINT' }, { is: 'BOOLEAN' }, { is: 'VARCHAR' }], groupRows);
        const [number, flag, text] = file.columns as [ColumnBuffer, ColumnBuffer, ColumnBuffer];
        for (const row of rows) {
          put(number, file.row, row.number);
          put(flag, file.row, row.flag);
          put(text, file.row, row.text);
          file.endRow(1);
        }
        expect(file.finish()).toBeGreaterThan(8);
        const read = await warehouse.query(
          // The warehouse reads row groups side by side and keeps no order of its own.
          `SELECT c0::BIGINT AS number, c1 AS flag, c2 AS text FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`,
        );
        expect(read).toEqual(rows);
      },
    ),
    { numRuns: 60 },
  );
});

test('more rows than any first buffer holds', async () => {
  const path = join(folder, 'many.parquet');
  const file = createColumnFile(
    path,
    [{ is: 'BIGINT' }, { is: 'BOOLEAN' }, { is: 'VARCHAR' }],
    Number.POSITIVE_INFINITY,
  );
  const [number, flag, text] = file.columns as [ColumnBuffer, ColumnBuffer, ColumnBuffer];
  for (let index = 0; index < 50_000; index++) {
    put(number, file.row, index % 3 === 0 ? null : index);
    put(flag, file.row, index % 2 === 0);
    put(text, file.row, `row ${index}`);
    file.endRow(20);
  }
  file.finish();
  const [sums] = await warehouse.query(
    `SELECT count(*) AS n, count(c0) AS numbers, sum(c0)::BIGINT AS sum, count_if(c1) AS flags, count(DISTINCT c2) AS texts FROM read_parquet('${path}')`,
  );
  const kept = Array.from({ length: 50_000 }, (_, index) => index).filter((index) => index % 3 !== 0);
  expect(sums).toEqual({
    n: 50_000,
    numbers: kept.length,
    sum: kept.reduce((a, b) => a + b),
    flags: 25_000,
    texts: 50_000,
  });
});
