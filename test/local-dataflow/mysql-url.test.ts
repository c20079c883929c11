// Reading of jdbc:mysql: and jdbc:mariadb: URLs.

import { describe, expect, test } from 'vitest';
import { parseJdbcUrl } from '../../local/dataflow/load/jdbc-url.ts';

describe('a JDBC URL of MySQL', () => {
  test.each([
    ['jdbc:mysql://db.example:3307/shop', [{ host: 'db.example', port: 3307 }], 'shop'],
    ['jdbc:mysql://db.example/shop', [{ host: 'db.example', port: 3306 }], 'shop'],
    ['jdbc:mariadb:///shop', [{ host: 'localhost', port: 3306 }], 'shop'],
    ['jdbc:mysql://[::1]:3307/shop', [{ host: '::1', port: 3307 }], 'shop'],
    ['jdbc:mysql://address=(host=fd00::1)(port=3307)/shop', [{ host: 'fd00::1', port: 3307 }], 'shop'],
    ['jdbc:mysql://address=(port=3307)(host=[fd00::1])(user=x)/shop', [{ host: 'fd00::1', port: 3307 }], 'shop'],
    [
      'jdbc:mysql://(host=a,port=1),(host=b)/shop',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 3306 },
      ],
      'shop',
    ],
    [
      'jdbc:mysql://a:1,b/shop%20two',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 3306 },
      ],
      'shop two',
    ],
    ['jdbc:mysql://a', [{ host: 'a', port: 3306 }], undefined],
    ['jdbc:mysql://a/?useSSL=false', [{ host: 'a', port: 3306 }], undefined],
  ])('%s', (url, hosts, database) => {
    expect(parseJdbcUrl(url)).toMatchObject({ driver: url.includes('mariadb') ? 'mariadb' : 'mysql', hosts });
    expect(parseJdbcUrl(url).database).toBe(database);
  });

  test('user and password stand in front of the host, or among the properties, which win over the query', () => {
    expect(parseJdbcUrl('jdbc:mysql://me:p%40ss@h/d')).toMatchObject({ user: 'me', password: 'p@ss' });
    const address = parseJdbcUrl(
      'jdbc:mysql://h/d?user=u&password=p%26q&connectTimeout=3000',
      'user=other;fetchsize=7',
    );
    expect(address).toMatchObject({ user: 'other', password: 'p&q', connectTimeoutMs: 3000, ignored: ['fetchsize'] });
  });

  test('what makes no difference here is not called ignored, whatever its case', () => {
    expect(parseJdbcUrl('jdbc:mysql://h/d?useCursorFetch=true&USEUNICODE=true&autoReconnect=true').ignored).toEqual([
      'autoReconnect',
    ]);
  });

  test.each([
    ['', 'preferred'],
    ['sslMode=DISABLED', 'disabled'],
    ['sslMode=REQUIRED', 'required'],
    ['sslMode=VERIFY_CA', 'verify-ca'],
    ['sslMode=VERIFY_IDENTITY', 'verify-identity'],
    ['useSSL=false&requireSSL=true', 'disabled'],
    ['useSSL=true', 'preferred'],
    ['requireSSL=true', 'required'],
    ['useSSL=true&verifyServerCertificate=true', 'verify-ca'],
    ['sslMode=DISABLED&requireSSL=true', 'disabled'],
  ])('%s is TLS mode %s', (query, mode) => {
    expect(parseJdbcUrl(`jdbc:mysql://h/d?${query}`)).toMatchObject({ sslMode: mode, ignored: [] });
  });

  test('MariaDB names TLS modes otherwise, uses none by itself, and reads zero dates as NULL', () => {
    expect(parseJdbcUrl('jdbc:mariadb://h/d')).toMatchObject({ sslMode: 'disabled', zeroDates: 'null' });
    expect(parseJdbcUrl('jdbc:mariadb://h/d?sslMode=trust')).toMatchObject({ sslMode: 'required' });
    expect(parseJdbcUrl('jdbc:mariadb://h/d?sslMode=verify-full')).toMatchObject({ sslMode: 'verify-identity' });
    expect(parseJdbcUrl('jdbc:mariadb://h/d?useSSL=true')).toMatchObject({ sslMode: 'verify-identity' });
  });

  test('properties say how values are read', () => {
    expect(parseJdbcUrl('jdbc:mysql://h/d')).toMatchObject({
      tinyInt1isBit: true,
      yearIsDateType: true,
      zeroDates: 'refused',
    });
    const url = 'jdbc:mysql://h/d?tinyInt1isBit=false&zeroDateTimeBehavior=convertToNull';
    expect(parseJdbcUrl(url, 'yearIsDateType=false')).toMatchObject({
      tinyInt1isBit: false,
      yearIsDateType: false,
      zeroDates: 'null',
    });
  });

  test.each([
    ['jdbc:mysql:loadbalance://h/d', 'jdbc:mysql://host:port/database'],
    ['jdbc:mysql://h:99999/d', 'out of range'],
    ['jdbc:mysql://h:x/d', 'cannot be read'],
    ['jdbc:mysql://address=(host=h)(port=x)/d', 'out of range'],
    ['jdbc:mysql://h/d?sslMode=maybe', 'Invalid sslMode'],
    ['jdbc:mysql://h/d?zeroDateTimeBehavior=maybe', 'Invalid zeroDateTimeBehavior'],
    ['jdbc:mysql:///d?socketFactory=com.google.cloud.sql.mysql.SocketFactory&cloudSqlInstance=p:r:i', 'Cloud SQL'],
    ['jdbc:mysql://h/d?password=100%', 'percent escape in password'],
  ])('%s is refused in words that hold no value', (url, text) => {
    expect(() => parseJdbcUrl(url)).toThrow(text);
  });
});
