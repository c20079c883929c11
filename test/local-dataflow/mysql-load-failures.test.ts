// Loads from MySQL that cannot work: the job ends FAILED with a text a person understands, and nothing secret in it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mariadbFor } from '../support/start-mariadb.ts';
import { type MysqlLoading, startMysqlLoading } from './mysql-loading.ts';

let it: MysqlLoading;

describe.skipIf(!mariadbFor('failing loads from MySQL'))('a load from MySQL fails when the source', () => {
  beforeAll(async () => {
    it = await startMysqlLoading();
    await it.sql(`CREATE TABLE goods (id int PRIMARY KEY, name varchar(20), big bigint unsigned, at datetime, zero datetime);
      SET sql_mode = '';
      INSERT INTO goods VALUES (1, 'g1', 1, '2024-01-01', '0000-00-00'), (2, 'g2', 18446744073709551615, '2024-01-02', '2024-01-01')`);
    await it.rows(
      'CREATE TABLE shop.goods (id BIGINT, name VARCHAR, big DECIMAL(38, 9), "at" TIMESTAMP, zero TIMESTAMP)',
    );
  });
  afterAll(() => it?.stop());

  const failed = async (changes: Record<string, string | undefined>) => {
    const job = await it.load('goods', changes);
    expect(job.state).toBe('JOB_STATE_FAILED');
    return { ...job, text: job.errors.join('\n') };
  };

  test('refuses the connection', async () => {
    const { text } = await failed({ connectionURL: 'jdbc:mysql://127.0.0.1:1/shop' });
    expect(text).toContain('Cannot create PoolableConnectionFactory (Communications link failure');
    expect(text).toContain('ECONNREFUSED');
    expect(text).toContain('127.0.0.1:1');
  });

  test('refuses the password, which is not in the text', async () => {
    const { text } = await failed({ password: 'not-my-secret' });
    expect(text).toContain('Cannot create PoolableConnectionFactory (Access denied for user');
    expect(text).not.toContain('not-my-secret');
  });

  test('has no more connections: that may pass, so it is tried four times', async () => {
    await it.sql(
      "CREATE USER IF NOT EXISTS plain@'%' IDENTIFIED BY 'plain' WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON *.* TO plain@'%'",
    );
    const { createConnection } = await import('mysql2/promise');
    const holder = await createConnection({
      host: it.url.hostname,
      port: Number(it.url.port || 3306),
      user: 'plain',
      password: 'plain',
    });
    try {
      const { text, errors } = await failed({ username: 'plain', password: 'plain' });
      expect(text).toContain('a work item has failed 4 times');
      expect(errors).toHaveLength(4);
    } finally {
      await holder.end();
      await it.sql("DROP USER plain@'%'");
    }
  });

  test.each([
    ['has no such database', { connectionURL: 'DATABASE' }, "Unknown database 'nowhere'"],
    ['has no such table', { table: 'bads' }, "bads' doesn't exist"],
    ['has no such partition column', { partitionColumn: 'idd' }, "Unknown column 'idd'"],
    ['has a text where a long is wanted', { partitionColumn: 'name' }, "Cannot determine value type from string 'g1'"],
    ['has a key beyond 64 bits', { partitionColumn: 'big' }, "Value '18446744073709551615' is outside of valid range"],
    [
      'has a time where a long is wanted',
      { partitionColumn: 'at' },
      'Unsupported conversion from DATETIME to java.lang.Long',
    ],
    [
      'has a number where a time is wanted',
      { partitionColumnType: 'datetime' },
      'Unsupported conversion from LONG to java.sql.Timestamp',
    ],
    [
      'has a zero date as its bound',
      { partitionColumn: 'zero', partitionColumnType: 'datetime' },
      'Zero date value prohibited',
    ],
    [
      'does not understand the query',
      { table: undefined, query: 'SELEC 1' },
      'java.sql.SQLSyntaxErrorException: You have an error in your SQL syntax',
    ],
    [
      'is told to change something',
      { table: undefined, query: 'DELETE FROM goods' },
      'cannot issue statements that do not produce result sets',
    ],
    [
      'fails in the middle of the rows',
      {
        table: '(select id, (select id from goods where goods.id < g.id + 2 limit 2) as name from goods g) as t',
        useColumnAlias: 'true',
      },
      'Subquery returns more than 1 row',
    ],
    [
      'is for another driver',
      { connectionURL: 'jdbc:mariadb://h/d' },
      'No suitable driver: this template reads jdbc:mysql:',
    ],
  ])('%s', async (_, changes, text) => {
    const url = it.jdbcUrl.replace(it.database, 'nowhere');
    const given = 'connectionURL' in changes && changes.connectionURL === 'DATABASE' ? { connectionURL: url } : changes;
    expect((await failed(given)).text).toContain(text);
    expect(await it.sql('SELECT count(*) AS n FROM goods')).toEqual([{ n: 2 }]);
  });
});
