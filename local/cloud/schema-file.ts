// Writes the BigQuery schema of a table to the local bucket, made from the source's catalogue: a load may only create a table with one.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SourceColumn } from '../checksum/source-columns.ts';

type Field = {
  readonly name: string;
  readonly type: string;
  readonly mode: 'NULLABLE' | 'REPEATED';
  readonly precision?: string;
  readonly scale?: string;
};

/** Writes `{"fields": […]}` (the form Beam reads) as the object `gs://bucket/path` under `bucketsFolder`. */
export function writeSchemaFile(bucketsFolder: string, gsPath: string, columns: readonly SourceColumn[]): void {
  const file = join(bucketsFolder, gsPath.slice('gs://'.length));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ fields: columns.map(fieldOf) }, null, 2)}\n`);
}

function fieldOf(column: SourceColumn): Field {
  return { name: column.name, mode: column.isArray ? 'REPEATED' : 'NULLABLE', ...typeOf(column) };
}

/** What the template writes for each kind (templates facts 2.6): both timestamps carry a zone, so TIMESTAMP; text for JSON and UUID. */
function typeOf(column: SourceColumn): Pick<Field, 'type' | 'precision' | 'scale'> {
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
    case 'bytes':
      return { type: 'BYTES' };
    case 'text':
      return { type: 'STRING' };
  }
}

/** NUMERIC holds 29 digits before and 9 after the point, BIGNUMERIC 38 and 38; without declared digits only the wider one is safe. */
function decimalType({ precision, scale = 0 }: SourceColumn): Pick<Field, 'type' | 'precision' | 'scale'> {
  if (precision === undefined || precision > 38 || scale < 0 || scale > precision) return { type: 'BIGNUMERIC' };
  const type = scale <= 9 && precision - scale <= 29 ? 'NUMERIC' : 'BIGNUMERIC';
  return { type, precision: String(precision), scale: String(scale) };
}
