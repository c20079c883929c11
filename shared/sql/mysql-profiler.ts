// Profiles one MySQL or MariaDB table from information_schema.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { EngineError } from '../base/errors.ts';
import { didYouMean } from '../plan/nearest-names.ts';
import type { ProfileColumn, TableProfile } from '../schema/profile.ts';
import { translateDriverError } from './driver-errors.ts';
import { type ColumnStatistics, mysqlHistograms } from './mysql-histogram.ts';
import { measureMysqlRead } from './mysql-warm-up.ts';
import type { ProfileQuestion } from './profiler.ts';
import type { SourceAddress } from './source-address.ts';

/** The profile; InnoDB's row count is an estimate of its own. Errors as `createProfiler` says. */
export async function profileMysql(question: ProfileQuestion): Promise<TableProfile> {
  const { address } = question;
  const connect = () => connectMysql(address, question.timeoutMs);
  try {
    const connection = await connect();
    try {
      const profile = await readCatalogue(connection, question);
      if (!question.warmUp || profile.isView === true) return profile;
      // A read that fails (a timeout) leaves the catalogue's answer as good as it was.
      const readThroughput = await measureMysqlRead(connection, connect, profile).catch(() => undefined);
      return readThroughput === undefined ? profile : { ...profile, readThroughput };
    } finally {
      await connection.end();
    }
  } catch (error) {
    throw translateDriverError(address, error);
  }
}

/** A connected client. TLS `unverified` encrypts without checking the certificate. */
async function connectMysql(address: SourceAddress, timeoutMs: number): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({
    host: address.host,
    port: address.port,
    database: address.database,
    connectTimeout: timeoutMs,
    ...(address.user === undefined ? {} : { user: address.user }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls === 'off' ? {} : { ssl: { rejectUnauthorized: address.tls === 'verified' } }),
  });
  // Without a listener the loss of an idle connection would end the process.
  connection.on('error', () => {});
  return connection;
}

async function readCatalogue(connection: Connection, question: ProfileQuestion): Promise<TableProfile> {
  const schema = question.schemaName ?? question.address.database;
  const { tableName } = question;
  const query = async (sql: string, values: readonly string[] = [schema, tableName]): Promise<RowDataPacket[]> => {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: question.timeoutMs }, [...values]);
    return rows;
  };
  const [table] = await query(
    `SELECT TABLE_TYPE AS type, TABLE_ROWS AS row_count, AVG_ROW_LENGTH AS row_bytes, DATA_LENGTH AS bytes, CREATE_OPTIONS AS options
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
  );
  if (table === undefined) {
    const names = await query(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? LIMIT 1000',
      [schema],
    );
    throw new EngineError(
      'NOT_FOUND',
      `the source has no table "${schema}.${tableName}"${didYouMean(
        tableName,
        names.map((row) => String(row.name)),
      )}`,
    );
  }
  const columns = await query(
    `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
  );
  const indexes = await query(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS column_name, SEQ_IN_INDEX AS position, CARDINALITY AS cardinality
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME IS NOT NULL ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  );
  const [connections] = await query(
    `SELECT greatest(0, @@max_connections - (SELECT count(*) FROM information_schema.PROCESSLIST)) AS free`,
    [],
  );
  const isView = String(table.type).includes('VIEW');
  const cardinality = new Map(
    indexes.filter((row) => Number(row.position) === 1).map((row) => [String(row.column_name), row.cardinality]),
  );
  const statistics = await mysqlHistograms(connection, { schema, name: tableName, timeoutMs: question.timeoutMs });
  const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
  return {
    sourceType: 'mysql',
    schemaName: schema,
    tableName,
    rowCountEstimate: isView ? null : number(table.row_count),
    averageRowBytes: isView || !Number(table.row_bytes) ? null : number(table.row_bytes),
    totalBytes: isView ? null : number(table.bytes),
    columns: columns.map((row) => ({
      name: String(row.name),
      type: String(row.type).toLowerCase(),
      nullable: row.nullable === 'YES',
      ...(number(cardinality.get(String(row.name))) === null
        ? {}
        : { distinctCount: Number(cardinality.get(String(row.name))) }),
      ...statisticsOf(statistics.get(String(row.name)), cardinality.has(String(row.name))),
    })),
    primaryKey: indexes.filter((row) => row.name === 'PRIMARY').map((row) => String(row.column_name)),
    indexedColumns: [...cardinality.keys()],
    ...(/partitioned/i.test(String(table.options)) ? { partitioned: true } : {}),
    ...(isView ? { isView } : {}),
    ...(connections === undefined ? {} : { freeConnections: Number(connections.free) }),
    profiledAt: new Date(question.clock.now()).toISOString(),
  };
}

/** Histograms serve the choice of ranges, and only an indexed column can be one. */
function statisticsOf(found: ColumnStatistics | undefined, indexed: boolean): Partial<ProfileColumn> {
  if (found === undefined) return {};
  const { histogram, nullFraction } = found;
  return {
    ...(nullFraction === undefined ? {} : { nullFraction }),
    ...(indexed ? { histogram: [...histogram] } : {}),
  };
}
