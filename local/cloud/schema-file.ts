// Writes the BigQuery schema of a table to the local bucket, made from the source's catalogue: a load may only create a table with one.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SourceClient } from '../checksum/source-client.ts';
import type { SourceColumn, SourceTable } from '../checksum/source-columns.ts';
import { fittingDecimals, needsMeasuring } from './measure-decimals.ts';

type FieldType = { readonly type: string; readonly precision?: string; readonly scale?: string };

/** Writes `{"fields": […]}` (the form Beam reads) for the columns of `table` as the object `gs://bucket/path` under `bucketsFolder`. */
export async function writeSchemaFile(
  client: SourceClient,
  table: SourceTable,
  bucketsFolder: string,
  gsPath: string,
): Promise<void> {
  const fitting = await fittingDecimals(client, table);
  const fields = table.columns.map((column) => {
    // A text keeps every digit; a decimal type would round.
    const type = needsMeasuring(column) && !fitting.has(column.name) ? { type: 'STRING' } : typeOf(column);
    const mode = column.isArray ? 'REPEATED' : 'NULLABLE';
    return { name: column.name, mode, ...type };
  });
  const file = join(bucketsFolder, gsPath.slice('gs://'.length));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ fields }, null, 2)}\n`);
}

/** What the template writes for each kind (templates facts 2.6): both timestamps carry a zone, so TIMESTAMP; text for JSON and UUID. */
function typeOf(column: SourceColumn): FieldType {
  switch (column.kind) {
    case 'integer':
      return { type: 'INTEGER' };
    case 'decimal':
      return decimalType(column);
    case 'float4':
    case 'float8':
      return { type: 'FLOAT' };
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'date':
      return { type: 'DATE' };
    case 'instant':
      return { type: 'TIMESTAMP' };
    case 'datetime':
      return { type: 'DATETIME' };
    case 'bytes':
      return { type: 'BYTES' };
    case 'text':
      return { type: 'STRING' };
  }
}

/** NUMERIC holds 29 digits before and 9 after the point, BIGNUMERIC 38 and 38; without declared digits the wider one. */
function decimalType({ precision, scale = 0 }: SourceColumn): FieldType {
  if (precision === undefined || precision > 38 || scale < 0 || scale > precision) return { type: 'BIGNUMERIC' };
  const type = scale <= 9 && precision - scale <= 29 ? 'NUMERIC' : 'BIGNUMERIC';
  return { type, precision: String(precision), scale: String(scale) };
}
