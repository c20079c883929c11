// Makes the BigQuery schema files that the loads of a configuration name in the local bucket, from the source's catalogue.

import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { describeTable } from '../checksum/source-columns.ts';
import { type OpenSource, withSource } from './open-source.ts';
import { writeSchemaFile } from './schema-file.ts';
import type { StateFolder } from './state-folder.ts';

/** Objects in this bucket are made here; all others are the user's. */
const madeHere = 'gs://local-schemas/';

/** Where the schema of a load's target is kept. */
export const schemaPathOf = (load: string): string => `${madeHere}${load}.json`;

/** True for a schema file that the local cloud makes itself. */
export const isMadeHere = (schemaPath: string | undefined): schemaPath is string =>
  schemaPath?.startsWith(madeHere) === true;

/** Writes the files of all loads whose table is in `source`. A table that is not there is left to the load to report. */
export async function writeLocalSchemas(source: OpenSource, state: StateFolder, config: LoadConfig): Promise<void> {
  const loads = Object.values(config.loads).filter(
    ({ table, schemaPath }) => table !== undefined && isMadeHere(schemaPath),
  );
  if (loads.length === 0) return;
  await withSource(source, async (client) => {
    for (const { table = '', schemaPath = '', columns } of loads) {
      const found = await describeTable(client, table).catch(() => undefined);
      if (found === undefined) continue;
      const wanted = columns?.map((name) => name.toLowerCase());
      const kept = found.columns.filter(({ name }) => wanted?.includes(name.toLowerCase()) ?? true);
      await writeSchemaFile(client, { ...found, columns: kept }, state.bucketsFolder, schemaPath);
    }
  });
}
