// What the launcher does: reads the template's parameters, fetches secrets, schema and query, and builds the load the workers will run.

import type { PrepareLoad } from '../job-runner.ts';
import { openMysql } from '../mysql/read.ts';
import { openPostgres } from '../postgres/read.ts';
import { type ResolveSecret, resolveParameter } from '../secret-version.ts';
import type { Buckets } from '../storage.ts';
import { findTemplate } from '../template-catalog.ts';
import { type Destination, parseSchemaFile, parseTableName } from '../warehouse/destination.ts';
import { createTableLocks } from '../warehouse/table-locks.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type JdbcAddress, parseJdbcUrl } from './jdbc-url.ts';
import { type JdbcLoad, runJdbcLoad } from './run-jdbc-load.ts';
import { chooseSource } from './source-choice.ts';
import type { OpenSource } from './source-reader.ts';
import { createTurns } from './turns.ts';

type Parameters = Readonly<Record<string, string>>;

/** The launcher of the JDBC-to-BigQuery templates. What it throws makes the job FAILED before any worker starts. */
export function createPrepareLoad(deps: {
  readonly buckets: Buckets;
  readonly warehouse: Warehouse;
  readonly resolveSecret?: ResolveSecret | undefined;
}): PrepareLoad {
  const { buckets, warehouse } = deps;
  const shared = { warehouse, locks: createTableLocks(), turns: createTurns() };
  return async (record, parameters) => {
    refuseUnexecutable(record.containerSpecGcsPath);
    const { source, warnings } = await launched(() => chooseSource(parameters));
    const { address, open } = await launched(() =>
      readSource(record.containerSpecGcsPath, parameters, deps.resolveSecret),
    );
    const destination = await launched(() => readDestination(parameters, buckets));
    const query =
      source.mode === 'query' && source.query.startsWith('gs://')
        ? await launched(() => buckets.read(source.query))
        : undefined;
    const folder = await buckets.makeFolder(`${parameters.bigQueryLoadingTemporaryDirectory}/${record.id}`);
    const load: JdbcLoad = {
      source: source.mode === 'query' && query !== undefined ? { ...source, query } : source,
      open,
      destination,
      tempDir: folder,
    };
    return {
      ranges: source.mode === 'split' ? source.partitions : 1,
      warnings: [...warnings, ...address.ignored.map((name) => `connection property ${name} has no effect here.`)],
      tempDir: folder,
      run: (context) => runJdbcLoad(shared, load, context),
      cleanUp: () => buckets.removeFolder(folder),
    };
  };
}

/** Not in the words of a launcher: they would say that the template's own program is at fault. `failure-table.ts` knows this text. */
function refuseUnexecutable(template: string): void {
  const found = findTemplate(template);
  if (found?.sources.length !== 0) return;
  throw new Error(`the local Dataflow cannot execute ${found.name}; run this load on Dataflow`);
}

/** A failure of the launcher, in the service's words and with the cause that Google shows only in the launcher's log. */
async function launched<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Error occurred in the launcher container: Template launch failed. See console logs. Cause: ${cause}`,
    );
  }
}

/** Where the rows are, and how to get there. Only URLs of the template's own driver are taken. */
async function readSource(
  template: string,
  parameters: Parameters,
  resolveSecret: ResolveSecret | undefined,
): Promise<{ readonly address: JdbcAddress; readonly open: OpenSource }> {
  refuseUnsupported(parameters);
  const resolved = async (name: string) => {
    const value = parameters[name];
    return value === undefined ? undefined : resolveParameter(value, resolveSecret);
  };
  const [url = '', user, password] = await Promise.all([
    resolved('connectionURL'),
    resolved('username'),
    resolved('password'),
  ]);
  const address = parseJdbcUrl(url, parameters.connectionProperties, findTemplate(template)?.sources);
  const credentials = { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) };
  if (address.driver === 'postgresql') {
    return { address, open: (signal) => openPostgres({ address, ...credentials }, signal) };
  }
  const naming = { useColumnAlias: parameters.useColumnAlias === 'true' };
  return { address, open: (signal) => openMysql({ address, ...credentials }, naming, signal) };
}

function refuseUnsupported(parameters: Parameters): void {
  if (parameters.KMSEncryptionKey)
    throw new Error('KMSEncryptionKey: this service has no Cloud KMS; give the values plain or as secret versions.');
  if (parameters.outputDeadletterTable && parameters.useStorageWriteApi !== 'true') {
    throw new Error('java.lang.IllegalArgumentException: outputDeadletterTable needs useStorageWriteApi=true.');
  }
  if (parameters.useStorageWriteApiAtLeastOnce === 'true' && parameters.useStorageWriteApi !== 'true') {
    throw new Error('useStorageWriteApiAtLeastOnce needs useStorageWriteApi=true.');
  }
}

async function readDestination(parameters: Parameters, buckets: Buckets): Promise<Destination> {
  const table = parseTableName(parameters.outputTable ?? '');
  const truncate = parameters.isTruncate === 'true';
  if (parameters.createDisposition !== 'CREATE_IF_NEEDED') return { ...table, truncate };
  const path = parameters.bigQuerySchemaPath;
  if (!path) throw new Error('createDisposition=CREATE_IF_NEEDED needs bigQuerySchemaPath.');
  return { ...table, truncate, createWith: parseSchemaFile(await buckets.read(path), path) };
}
