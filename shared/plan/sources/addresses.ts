// Writes JDBC URLs from host, port, database, Cloud SQL instance and TLS mode, one function per database.

import type { Source } from '../../schema/load-config.ts';
import type { Address } from './connection.ts';

type Tls = NonNullable<Source['tls']>;
const isIpv6 = (host: string): boolean => host.includes(':');
const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
const hostPattern = /^[A-Za-z0-9._-]+$|^[0-9A-Fa-f:.]+$/;

/**
 * `jdbc:postgresql://host:port/database?sslmode=…`. An IPv6 host needs brackets, which the template's URL pattern refuses, so it travels as
 * the driver properties PGHOST and PGPORT behind the URL form without a host (pgjdbc takes them from its properties).
 */
export function postgresAddress(source: Source): Address {
  const query = source.tls === undefined ? '' : `sslmode=${source.tls}`;
  if (source.cloudSqlInstance !== undefined) {
    return cloudSql(source, 'jdbc:postgresql:///', 'com.google.cloud.sql.postgres.SocketFactory', query);
  }
  return onHost(source, (host, database) => {
    const port = source.port ?? 5432;
    const options = query === '' ? '' : `?${query}`;
    if (!isIpv6(host)) return { ok: true, url: `jdbc:postgresql://${host}:${port}/${database}${options}` };
    const properties = {
      PGHOST: host,
      PGPORT: String(port),
      ...(source.tls === undefined ? {} : { sslmode: source.tls }),
    };
    return { ok: true, url: `jdbc:postgresql:${database}`, properties };
  });
}

/** Connector/J streams a large result only with useCursorFetch; without it a worker holds the whole range in memory. */
export function mysqlAddress(source: Source): Address {
  const modes = {
    disable: 'DISABLED',
    prefer: 'PREFERRED',
    require: 'REQUIRED',
    'verify-ca': 'VERIFY_CA',
    'verify-full': 'VERIFY_IDENTITY',
  };
  const query = ['useCursorFetch=true', ...(source.tls === undefined ? [] : [`sslMode=${modes[source.tls]}`])].join(
    '&',
  );
  if (source.cloudSqlInstance !== undefined) {
    return cloudSql(source, 'jdbc:mysql:///', 'com.google.cloud.sql.mysql.SocketFactory', query);
  }
  return onHost(source, (host, database) => {
    const port = source.port ?? 3306;
    const place = isIpv6(host) ? `address=(host=${host})(port=${port})` : `${host}:${port}`;
    return { ok: true, url: `jdbc:mysql://${place}/${database}?${query}` };
  });
}

/** EZConnect for plain TCP; a connect descriptor where TLS or IPv6 need one. `database` is the service name. */
export function oracleAddress(source: Source): Address {
  if (source.cloudSqlInstance !== undefined) return noCloudSql('oracle');
  if (source.tls === 'prefer') return noPrefer('Oracle');
  const secure = source.tls !== undefined && source.tls !== 'disable';
  return onHost(source, (host, database) => {
    const port = source.port ?? (secure ? 2484 : 1521);
    if (!secure && !isIpv6(host)) return { ok: true, url: `jdbc:oracle:thin:@//${host}:${port}/${database}` };
    const match = source.tls === 'verify-full' ? '(SECURITY=(SSL_SERVER_DN_MATCH=yes))' : '';
    const address = `(ADDRESS=(PROTOCOL=${secure ? 'TCPS' : 'TCP'})(HOST=${host})(PORT=${port}))`;
    return {
      ok: true,
      url: `jdbc:oracle:thin:@(DESCRIPTION=${address}(CONNECT_DATA=(SERVICE_NAME=${database}))${match})`,
    };
  });
}

/** `encrypt` and `trustServerCertificate` by TLS mode; an IPv6 host travels as serverName. */
export function sqlserverAddress(source: Source): Address {
  if (source.cloudSqlInstance !== undefined) return noCloudSql('sqlserver');
  if (source.tls === 'prefer') return noPrefer('SQL Server');
  const tls: Record<Exclude<Tls, 'prefer'>, string> = {
    disable: ';encrypt=false',
    require: ';encrypt=true;trustServerCertificate=true',
    'verify-ca': ';encrypt=true;trustServerCertificate=false',
    'verify-full': ';encrypt=true;trustServerCertificate=false',
  };
  const options = source.tls === undefined ? '' : tls[source.tls];
  return onHost(source, (host, database) => {
    const port = source.port ?? 1433;
    const place = isIpv6(host) ? `;serverName=${host};portNumber=${port}` : `${host}:${port}`;
    return { ok: true, url: `jdbc:sqlserver://${place};databaseName=${database}${options}` };
  });
}

/** The generic template has a URL or nothing. */
export function jdbcAddress(): Address {
  return { ok: false, path: '/jdbcUrl', message: 'jdbcUrl is missing: a generic JDBC source is described by its URL' };
}

function onHost(source: Source, build: (host: string, database: string) => Address): Address {
  const host = bareHost(source.host ?? '');
  if (!hostPattern.test(host))
    return { ok: false, path: '/host', message: 'host must be a name, an IPv4 or an IPv6 address' };
  return withDatabase(source, (database) => build(host, database));
}

function withDatabase(source: Source, build: (database: string) => Address): Address {
  const database = source.database ?? '';
  if (/^[A-Za-z0-9_.+!*-]+$/.test(database)) return build(database);
  const message =
    "the database name holds characters that a JDBC URL would have to escape, which the template's URL pattern refuses; rename it, or write jdbcUrl as a secret path";
  return { ok: false, path: '/database', message };
}

function cloudSql(source: Source, prefix: string, factory: string, query: string): Address {
  const instance = source.cloudSqlInstance ?? '';
  if (!/^[a-z0-9.-]+(?::[a-z0-9.-]+)?:[a-z0-9-]+:[a-z0-9-]+$/.test(instance)) {
    return { ok: false, path: '/cloudSqlInstance', message: 'cloudSqlInstance must be project:region:instance' };
  }
  return withDatabase(source, (database) => {
    const options = [`cloudSqlInstance=${instance}`, `socketFactory=${factory}`, ...(query === '' ? [] : [query])];
    return { ok: true, url: `${prefix}${database}?${options.join('&')}` };
  });
}

function noCloudSql(type: string): Address {
  const message = `the ${type} template carries no Cloud SQL socket factory: reach the instance by its private address (host)`;
  return { ok: false, path: '/cloudSqlInstance', message };
}

function noPrefer(label: string): Address {
  const message = `${label} knows no "prefer": write disable, require, verify-ca or verify-full`;
  return { ok: false, path: '/tls', message };
}
