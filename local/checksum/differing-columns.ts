// Names the columns in which source and warehouse differ, after their checksums did.

import type { Warehouse } from '../dataflow/warehouse/warehouse.ts';
import { sourceChecksum } from './source-checksum.ts';
import type { SourceClient } from './source-client.ts';
import type { SourceTable } from './source-columns.ts';
import { warehouseChecksum } from './warehouse-checksum.ts';

/** One pass per column on each side. Empty: every column holds the same values, but in other rows. */
export async function differingColumns(
  client: SourceClient,
  table: SourceTable,
  warehouse: Warehouse,
  target: { readonly dataset: string; readonly table: string },
): Promise<string[]> {
  const differing: string[] = [];
  for (const column of table.columns) {
    const source = await sourceChecksum(client, { ...table, columns: [column] });
    const loaded = await warehouseChecksum(warehouse, target, [column]);
    if (source.checksum !== loaded.checksum) differing.push(column.name);
  }
  return differing;
}
