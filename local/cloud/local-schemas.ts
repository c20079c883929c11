// Makes the BigQuery schema files that the loads of a configuration name in the local bucket, from the catalogues of their sources.

import type { LoadConfig } from '../../shared/schema/load-config.ts';
import { sourceAddress } from '../../shared/sql/source-address.ts';
import { describeTable } from '../checksum/source-columns.ts';
import { localSecrets } from './local-secrets.ts';
import { type OpenSource, withSource } from './open-source.ts';
import { writeSchemaFile } from './schema-file.ts';
import { defaultPorts } from './source-url.ts';
import type { StateFolder } from './state-folder.ts';

/** Objects in this bucket are made here; all others are the user's. */
const madeHere = 'gs://local-schemas/';

/** Where the schema of a load's target is kept. */
export const schemaPathOf = (load: string): string => `${madeHere}${load}.json`;

/** True for a schema file that the local cloud makes itself. */
export const isMadeHere = (schemaPath: string | undefined): schemaPath is string =>
  schemaPath?.startsWith(madeHere) === true;

/**
 * Writes the files of all loads from tables: those of `source`, and those of the configuration's other PostgreSQL and MySQL databases. A
 * table or a database that is not there is left to the load to report.
 */
export async function writeLocalSchemas(source: OpenSource, state: StateFolder, config: LoadConfig): Promise<void> {
  const loads = Object.values(config.loads).filter(
    ({ table, schemaPath }) => table !== undefined && isMadeHere(schemaPath),
  );
  for (const [name, settings] of Object.entries(config.sources)) {
    const wanted = loads.filter((load) => load.source === name);
    if (wanted.length === 0) continue;
    const place = isSame(settings, source) ? source : await placeOf(settings).catch(() => undefined);
    if (place === undefined) continue;
    const work = withSource(place, async (client) => {
      for (const { table = '', schemaPath = '', columns } of wanted) {
        const found = await describeTable(client, table).catch(() => undefined);
        if (found === undefined) continue;
        const names = columns?.map((column) => column.toLowerCase());
        const kept = found.columns.filter((column) => names?.includes(column.name.toLowerCase()) ?? true);
        await writeSchemaFile(client, { ...found, columns: kept }, state.bucketsFolder, schemaPath);
      }
    });
    if (place === source) await work;
    else await work.catch(() => undefined);
  }
}

type SourceSettings = LoadConfig['sources'][string];

function isSame({ host, port, database }: SourceSettings, { address }: OpenSource): boolean {
  return (
    host === address.host && (port ?? defaultPorts[address.type]) === address.port && database === address.database
  );
}

/** Where another source of the configuration is, with the secrets of the environment; undefined for what nothing here connects to. */
async function placeOf(settings: SourceSettings): Promise<Pick<OpenSource, 'address' | 'url'> | undefined> {
  const { type, tls } = settings;
  if (type !== 'postgres' && type !== 'mysql') return undefined;
  const {
    host,
    port,
    database,
    user = '',
    password = '',
  } = await sourceAddress(settings, localSecrets(process.env).resolve);
  const url = new URL(`${type}://${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  if (tls !== undefined) url.searchParams.set('sslmode', tls);
  return {
    address: { type, host, port, database, user, password, ...(tls === undefined ? {} : { tls }) },
    url: url.href,
  };
}
