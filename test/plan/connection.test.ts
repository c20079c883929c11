// JDBC URLs, driver properties and credentials, in forms the templates accept.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../shared/plan/sources/connection.ts';
import { sourceHandler } from '../../shared/plan/sources/registry.ts';
import { wholeMatch } from '../../shared/plan/sources/whole-match.ts';
import { templateMetadata } from '../../shared/plan/templates/metadata.ts';
import type { Source } from '../../shared/schema/load-config.ts';

function connect(source: Source, place: 'LOCAL' | 'DATAFLOW' = 'DATAFLOW') {
  const handler = sourceHandler(source.type);
  if (handler.kind !== 'database') throw new Error('not a database');
  return connectionOf(source, { at: '/sources/s', place, address: handler.addressOf, urlTakesSecret: false });
}
const database = { database: 'shop' } as const;
const secret = 'projects/p/secrets/s/versions/1';

describe('URLs', () => {
  test.each<[string, Source, string, string | undefined]>([
    ['PostgreSQL', { type: 'postgres', host: 'h', ...database }, 'jdbc:postgresql://h:5432/shop', undefined],
    [
      'with TLS',
      { type: 'postgres', host: 'h', port: 6543, tls: 'verify-full', ...database },
      'jdbc:postgresql://h:6543/shop?sslmode=verify-full',
      undefined,
    ],
    [
      'by IPv6',
      { type: 'postgres', host: '::1', tls: 'require', ...database },
      'jdbc:postgresql:shop',
      'PGHOST=::1;PGPORT=5432;sslmode=require',
    ],
    [
      'by bracketed IPv6',
      { type: 'postgres', host: '[fd00::1]', ...database },
      'jdbc:postgresql:shop',
      'PGHOST=fd00::1;PGPORT=5432',
    ],
    [
      'on Cloud SQL',
      { type: 'postgres', cloudSqlInstance: 'p:r-1:i', ...database },
      'jdbc:postgresql:///shop?cloudSqlInstance=p:r-1:i&socketFactory=com.google.cloud.sql.postgres.SocketFactory',
      undefined,
    ],
    [
      'MySQL',
      { type: 'mysql', host: 'h', tls: 'verify-ca', ...database },
      'jdbc:mysql://h:3306/shop?useCursorFetch=true&sslMode=VERIFY_CA',
      undefined,
    ],
    [
      'MySQL by IPv6',
      { type: 'mysql', host: 'fd00::1', ...database },
      'jdbc:mysql://address=(host=fd00::1)(port=3306)/shop?useCursorFetch=true',
      undefined,
    ],
    [
      'MySQL on Cloud SQL',
      { type: 'mysql', cloudSqlInstance: 'p:r:i', ...database },
      'jdbc:mysql:///shop?cloudSqlInstance=p:r:i&socketFactory=com.google.cloud.sql.mysql.SocketFactory&useCursorFetch=true',
      undefined,
    ],
    ['Oracle', { type: 'oracle', host: 'h', ...database }, 'jdbc:oracle:thin:@//h:1521/shop', undefined],
    [
      'Oracle with TLS',
      { type: 'oracle', host: 'h', tls: 'verify-full', ...database },
      'jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCPS)(HOST=h)(PORT=2484))(CONNECT_DATA=(SERVICE_NAME=shop))(SECURITY=(SSL_SERVER_DN_MATCH=yes)))',
      undefined,
    ],
    [
      'SQL Server',
      { type: 'sqlserver', host: 'h', tls: 'require', ...database },
      'jdbc:sqlserver://h:1433;databaseName=shop;encrypt=true;trustServerCertificate=true',
      undefined,
    ],
    [
      'SQL Server by IPv6',
      { type: 'sqlserver', host: 'fd00::1', ...database },
      'jdbc:sqlserver://;serverName=fd00::1;portNumber=1433;databaseName=shop',
      undefined,
    ],
    [
      'given',
      { type: 'postgres', jdbcUrl: 'jdbc:postgresql://h/shop?ssl=true' },
      'jdbc:postgresql://h/shop?ssl=true',
      undefined,
    ],
    [
      'given with IPv6',
      { type: 'postgres', jdbcUrl: 'jdbc:postgresql://[::1]:6543/shop?ssl=true' },
      'jdbc:postgresql:shop?ssl=true',
      'PGHOST=::1;PGPORT=6543',
    ],
    [
      'given with an escaped option',
      { type: 'postgres', jdbcUrl: 'jdbc:postgresql://h/shop?ApplicationName=night%2Fload&ssl=true' },
      'jdbc:postgresql://h/shop?ssl=true',
      'ApplicationName=night/load',
    ],
    [
      'with properties',
      { type: 'postgres', host: 'h', ...database, properties: { loginTimeout: '10', ApplicationName: 'x' } },
      'jdbc:postgresql://h:5432/shop',
      'loginTimeout=10;ApplicationName=x',
    ],
  ])('%s', (_, source, url, properties) => {
    const { parameters, violations } = connect(source);
    expect(violations).toEqual([]);
    expect(parameters).toEqual({
      connectionURL: url,
      ...(properties === undefined ? {} : { connectionProperties: properties }),
    });
  });

  const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  const names = fc.stringMatching(/^[A-Za-z0-9_.+!*-]{1,30}$/);
  const types = fc.constantFrom('postgres', 'mysql', 'oracle', 'sqlserver');
  property.prop([types, hosts, names, fc.option(fc.constantFrom('disable', 'require', 'verify-ca', 'verify-full'))])(
    'pass the template’s own patterns as a whole, for any host and database',
    (type, host, name, tls) => {
      const source: Source = { type, host, database: name, ...(tls === null ? {} : { tls }) };
      const { parameters, violations } = connect(source);
      expect(violations).toEqual([]);
      const rules = templateMetadata('PostgreSQL_to_BigQuery')?.parameters ?? [];
      for (const [parameter, value] of Object.entries(parameters)) {
        for (const regex of rules.find((rule) => rule.name === parameter)?.regexes ?? [])
          expect(wholeMatch(regex, value)).toBe(true);
      }
    },
  );

  test.each<[string, Source, string, string]>([
    [
      'a database name that would need escaping',
      { type: 'postgres', host: 'h', database: 'a b' },
      '/sources/s/database',
      'escape',
    ],
    ['a host that is none', { type: 'postgres', host: 'h?x=1', ...database }, '/sources/s/host', 'host must be'],
    [
      'Cloud SQL for SQL Server',
      { type: 'sqlserver', cloudSqlInstance: 'p:r:i', ...database },
      '/sources/s/cloudSqlInstance',
      'no Cloud SQL socket factory',
    ],
    [
      'half a Cloud SQL name',
      { type: 'postgres', cloudSqlInstance: 'i', ...database },
      '/sources/s/cloudSqlInstance',
      'project:region:instance',
    ],
    [
      '"prefer" for Oracle',
      { type: 'oracle', host: 'h', tls: 'prefer', ...database },
      '/sources/s/tls',
      'knows no "prefer"',
    ],
    [
      'a URL with odd characters',
      { type: 'postgres', jdbcUrl: 'jdbc:postgresql://h/a b' },
      '/sources/s/jdbcUrl',
      'pattern for connectionURL refuses',
    ],
    [
      'a URL of another kind',
      { type: 'postgres', jdbcUrl: 'http://h/d' },
      '/sources/s/jdbcUrl',
      'does not begin with jdbc:',
    ],
    [
      'a property with spaces',
      { type: 'postgres', host: 'h', ...database, properties: { options: '-c x=1' } },
      '/sources/s/properties/options',
      'connectionProperties refuses',
    ],
    [
      'a user among the properties',
      { type: 'postgres', host: 'h', ...database, properties: { user: 'x' } },
      '/sources/s/properties/user',
      'username',
    ],
    [
      'a KMS key without ciphertext',
      { type: 'postgres', host: 'h', ...database, kmsKeyName: 'k' },
      '/sources/s/kmsKeyName',
      'all three',
    ],
  ])('%s is refused', (_, source, path, message) => {
    expect(connect(source).violations).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    );
  });
});

describe('credentials', () => {
  test('travel as Secret Manager paths, user names also in plain', () => {
    const source: Source = { type: 'postgres', host: 'h', ...database, username: 'loader', password: secret };
    expect(connect(source).parameters).toMatchObject({ username: 'loader', password: secret });
  });

  test('of the local cloud become the form that its Dataflow resolves', () => {
    const source: Source = {
      type: 'postgres',
      host: 'h',
      ...database,
      username: 'secret://local/PGUSER',
      password: 'secret://local/PGPASSWORD',
    };
    expect(connect(source, 'LOCAL').parameters).toMatchObject({
      username: 'projects/local/secrets/PGUSER/versions/latest',
      password: 'projects/local/secrets/PGPASSWORD/versions/latest',
    });
    expect(connect(source).violations.map(({ code }) => code)).toEqual(['LOCAL_SECRET', 'LOCAL_SECRET']);
  });

  test('in a URL as a secret path pass with a warning, where the pattern does not name that form', () => {
    const { parameters, warnings } = connect({ type: 'postgres', jdbcUrl: secret });
    expect(parameters.connectionURL).toBe(secret);
    expect(warnings).toEqual([expect.stringContaining('may refuse it')]);
  });

  test.each([
    'jdbc:postgresql://h/d?user=x&password=canary',
    'jdbc:postgresql://h/d?sslpassword=canary',
    'jdbc:postgresql://h/d?PASSWORD=canary',
    'jdbc:postgresql://h/d?p%61ssword=canary',
    'jdbc:mysql://u:canary@h/d',
    'jdbc:mysql://address=(host=h)(password=canary)/d',
    'jdbc:oracle:thin:scott/canary@//h:1521/x',
    'jdbc:sqlserver://h;databaseName=d;password=canary',
    'jdbc:sqlserver://h;databaseName=d;trustStorePassword=canary',
  ])('in the URL %s are refused and not repeated', (jdbcUrl) => {
    const { parameters, violations } = connect({ type: 'postgres', jdbcUrl });
    expect(violations).toEqual([expect.objectContaining({ code: 'PLAIN_SECRET', path: '/sources/s/jdbcUrl' })]);
    expect(JSON.stringify({ parameters, violations })).not.toContain('canary');
  });

  test.each(['password', 'sslpassword', 'trustStorePassword', 'pwd', 'api_key', 'accessToken', 'clientSecret'])(
    'in the property %s are refused and not repeated',
    (name) => {
      const { parameters, violations } = connect({
        type: 'postgres',
        host: 'h',
        ...database,
        properties: { [name]: 'canary' },
      });
      expect(violations).toEqual([expect.objectContaining({ code: 'PLAIN_SECRET' })]);
      expect(JSON.stringify({ parameters, violations })).not.toContain('canary');
    },
  );
});
