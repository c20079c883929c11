// Starts what a run needs: state, source, local cloud, the table to load and its BigQuery schema.

import type { LoadConfig } from '../../shared/schema/load-config.ts';
import type { SourceTable } from '../checksum/source-columns.ts';
import { findEmulators } from '../cloud/emulators.ts';
import { loadOfTable } from '../cloud/local-config.ts';
import { isMadeHere } from '../cloud/local-schemas.ts';
import { findTable, type OpenSource, openSeededSource, openUserSource, withSource } from '../cloud/open-source.ts';
import { writeSchemaFile } from '../cloud/schema-file.ts';
import { defaultPorts, shownUrl } from '../cloud/source-url.ts';
import type { StateFolder } from '../cloud/state-folder.ts';
import { type LocalCloud, startLocalCloud } from '../cloud.ts';
import { UsageError } from '../usage-error.ts';
import type { StartOptions } from './start-options.ts';
import { unlessAborted } from './unless-aborted.ts';

export type Begun = {
  readonly source: OpenSource;
  readonly cloud: LocalCloud;
  readonly load: string;
  /** With the columns of the load alone. */
  readonly table: SourceTable;
  readonly target: { readonly dataset: string; readonly table: string };
};

export type BeginOptions = {
  readonly options: StartOptions;
  readonly state: StateFolder;
  /** What was started, to be stopped at the end in reverse order. */
  readonly started: AsyncDisposableStack;
  readonly say: (text: string) => void;
  /** Takes the engine's log lines. */
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
};

/** How often pollJobs is ticked: the life of a short load must be seen. */
const tickMs = 200;

/** Starts it. Throws a UsageError for whatever of the command line or the configuration cannot work; the signal's reason when aborted. */
export async function begin({ options, state, started, say, write, signal }: BeginOptions): Promise<Begun> {
  const emulators = await findEmulators(process.env);
  const source =
    options.sourceUrl === undefined
      ? await openSeededSource({ state, port: options.postgresPort, rows: options.rows, say, signal })
      : openUserSource(options.sourceUrl);
  started.defer(source.stop);
  const asked = await unlessAborted(signal, async () =>
    options.table === undefined ? undefined : findTable(source, options.table),
  );
  const added = asked === undefined ? undefined : loadOfTable(asked);
  const load = added?.load ?? options.load;
  say('starting Dataflow, broker and functions');
  const cloud = await startLocalCloud({
    state,
    source: source.address,
    tickMs,
    write,
    env: process.env,
    emulators,
    ports: { api: options.apiPort, pubsub: options.pubsubPort, dataflow: options.dataflowPort },
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(added === undefined ? {} : { table: added }),
  });
  started.defer(cloud.stop);
  const config = await cloud.engine.deps.config();
  return unlessAborted(signal, async () => {
    const found = await tableOf(config, load, source, asked);
    const { schemaPath } = config.loads[load] ?? {};
    if (isMadeHere(schemaPath)) {
      await withSource(source, (client) => writeSchemaFile(client, found.table, state.bucketsFolder, schemaPath));
    }
    return { source, cloud, load, ...found };
  });
}

async function tableOf(
  config: LoadConfig,
  load: string,
  source: OpenSource,
  asked: SourceTable | undefined,
): Promise<Pick<Begun, 'table' | 'target'>> {
  const entry = config.loads[load];
  if (entry === undefined) {
    throw new UsageError(
      `the configuration has no load "${load}"; --load takes ${Object.keys(config.loads).join(', ')}`,
    );
  }
  const dataset = config.targets[entry.target]?.dataset;
  if (entry.table === undefined || dataset === undefined) {
    throw new UsageError(
      `load "${load}" is not from a table to BigQuery; npm start compares both sides, so it needs one that is (\`npm run serve\` runs any load)`,
    );
  }
  const { address } = source;
  const { host, port = defaultPorts[address.type], database } = config.sources[entry.source] ?? {};
  if (host !== address.host || port !== address.port || database !== address.database) {
    throw new UsageError(
      `load "${load}" reads from ${host}:${port}/${database}, not from ${shownUrl(address)}; write host: \${PGHOST}, port: \${PGPORT}, database: \${PGDATABASE} in its source, or give that database as --source-url`,
    );
  }
  const table = asked ?? (await findTable(source, entry.table));
  const wanted = entry.columns?.map((name) => name.toLowerCase());
  return {
    table: { ...table, columns: table.columns.filter(({ name }) => wanted?.includes(name.toLowerCase()) ?? true) },
    target: { dataset, table: entry.targetTable ?? table.tableName },
  };
}
