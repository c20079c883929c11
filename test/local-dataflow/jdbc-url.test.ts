// Reading of JDBC URLs: which driver they are for, and where they lead.

import { describe, expect, test } from 'vitest';
import { parseJdbcUrl } from '../../local/dataflow/load/jdbc-url.ts';

describe('a JDBC URL of PostgreSQL', () => {
  test.each([
    ['jdbc:postgresql://db.example:6543/shop', [{ host: 'db.example', port: 6543 }], 'shop'],
    ['jdbc:postgresql://db.example/shop', [{ host: 'db.example', port: 5432 }], 'shop'],
    ['jdbc:postgresql:///shop', [{ host: 'localhost', port: 5432 }], 'shop'],
    ['jdbc:postgresql:shop', [{ host: 'localhost', port: 5432 }], 'shop'],
    ['jdbc:postgresql://[::1]:5433/shop', [{ host: '::1', port: 5433 }], 'shop'],
    [
      'jdbc:postgresql://a:1,b/shop%20two',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 5432 },
      ],
      'shop two',
    ],
    ['jdbc:postgresql://a/', [{ host: 'a', port: 5432 }], undefined],
  ])('%s', (url, hosts, database) => {
    const address = parseJdbcUrl(url);
    expect(address.hosts).toEqual(hosts);
    expect(address.database).toBe(database);
  });

  test('properties of the URL win over connection properties; what has no effect is named', () => {
    const address = parseJdbcUrl(
      'jdbc:postgresql://h/d?user=u&password=p%26q&sslmode=require&currentSchema=s&ApplicationName=app',
      'user=other;connectTimeout=3;fetchsize=7',
    );
    expect(address).toMatchObject({ user: 'u', password: 'p&q', sslMode: 'require', currentSchema: 's' });
    expect(address).toMatchObject({ applicationName: 'app', connectTimeoutSec: 3, ignored: ['fetchsize'] });
  });

  test('ssl=true means a checked certificate, nothing means prefer', () => {
    expect(parseJdbcUrl('jdbc:postgresql://h/d?ssl=true').sslMode).toBe('verify-full');
    expect(parseJdbcUrl('jdbc:postgresql://h/d').sslMode).toBe('prefer');
  });

  test.each([
    ['postgres://h/d', 'not no jdbc: URL'],
    ['jdbc:oracle:thin:@//h/d', 'not jdbc:oracle:'],
    ['jdbc:postgresql://h:99999/d', 'out of range'],
    ['jdbc:postgresql://h:x/d', 'cannot be read'],
    ['jdbc:postgresql://h/d?sslmode=maybe', 'Invalid sslmode'],
    ['jdbc:postgresql:///d?socketFactory=com.google.cloud.sql.postgres.SocketFactory', 'Cloud SQL'],
    ['jdbc:postgresql://h/d?password=100%', 'percent escape in password'],
  ])('%s is refused in words that hold no value', (url, text) => {
    expect(() => parseJdbcUrl(url)).toThrow(text);
  });
});

test('what the URL of PostgreSQL leaves out may be properties: an IPv6 host, the port, the database', () => {
  const properties = 'PGHOST=fd00::1;PGPORT=6543;PGDBNAME=other';
  expect(parseJdbcUrl('jdbc:postgresql:shop', properties)).toMatchObject({
    hosts: [{ host: 'fd00::1', port: 6543 }],
    database: 'shop',
    ignored: [],
  });
  expect(parseJdbcUrl('jdbc:postgresql:', properties)).toMatchObject({ database: 'other' });
  expect(parseJdbcUrl('jdbc:postgresql:shop', 'PGHOST=a,b;PGPORT=1,2')).toMatchObject({
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ],
  });
  // The URL wins over properties that are given apart from it.
  expect(parseJdbcUrl('jdbc:postgresql://h:1/d', properties)).toMatchObject({
    hosts: [{ host: 'h', port: 1 }],
    database: 'd',
  });
  expect(() => parseJdbcUrl('jdbc:postgresql:shop', 'PGHOST=h;PGPORT=x')).toThrow('the port x');
});

test('a template takes URLs of its own driver alone', () => {
  expect(() => parseJdbcUrl('jdbc:mysql://h/d', '', ['jdbc:postgresql:'])).toThrow(
    'No suitable driver: this template reads jdbc:postgresql://host:port/database URLs here, not jdbc:mysql:',
  );
});
