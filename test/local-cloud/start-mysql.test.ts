// `npm start` and `npm run serve` with tables of a MySQL: loaded whole, compared by checksum, schemas made for them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differingColumns } from '../../local/checksum/differing-columns.ts';
import { sourceChecksum } from '../../local/checksum/source-checksum.ts';
import { describeTable } from '../../local/checksum/source-columns.ts';
import { warehouseChecksum } from '../../local/checksum/warehouse-checksum.ts';
import { openWarehouse } from '../../local/dataflow/warehouse/warehouse.ts';
import { processesNaming, runCommand, startCommand, temporaryState } from '../support/command.ts';
import { mariadbFor, startMariadb, type TestMariadb } from '../support/start-mariadb.ts';

let state: ReturnType<typeof temporaryState>;
let server: TestMariadb;
let admin: Connection;
let url: string;
const database = `streamnova_start_${process.pid}`;

describe.skipIf(!mariadbFor('npm start on MySQL'))('a table of MySQL', () => {
  beforeAll(async () => {
    state = temporaryState();
    server = await startMariadb();
    admin = await createConnection({ uri: server.url, multipleStatements: true, timezone: 'Z' });
    await admin.query(`
      SET time_zone = '+00:00'; CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database};
      CREATE TABLE \`all & more\` (
        id int NOT NULL PRIMARY KEY, top bigint unsigned, small smallint unsigned zerofill, flag tinyint(1), tiny tinyint, one bit(1), bits bit(12),
        amount decimal(12, 2), padded decimal(10, 2) unsigned zerofill, huge decimal(65, 30), big decimal(60, 15), ratio float, exact double,
        on_day date, at datetime(6), seen timestamp(6) NULL, span time(3), founded year, words varchar(200), fixed char(10), doc json,
        colour enum('red', 'blue'), tags set('a', 'b'), raw varbinary(20), image blob, place point, \`odd \`\`name\` text);
      INSERT INTO \`all & more\` VALUES
        (1, 1, 7, 1, -128, b'1', b'100000000001', -12.50, 7.5, -1.5, 12345678901234567.5, 0.1, 0.1, '2024-02-29', '2024-02-29 23:59:59.999999', '1970-01-01 00:00:01.5',
         '-838:59:59', 2024, 'Grüße 🚀', 'ab', '{"b": [1, 2], "a": null}', 'blue', 'a,b', x'00ff', x'', ST_GeomFromText('POINT(1 2)'), 'x'),
        (2, 18446744073709551615, 65535, -1, 127, b'0', b'1', 0, 0, 12345678901234567890.000000000000000000000000000001, -0.000000000000001, -16777216, -1e-300, '1000-01-01',
         '1000-01-01 00:00:00', '2038-01-19 03:14:07.999999', '00:00:00.001', 1901, '', '', '"text"', 'red', '', '', x'deadbeef', NULL, ','),
        (3, 9007199254740993, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 3.402823466e38, 1.7976931348623157e308, '9999-12-31', '9999-12-31 23:59:59.999999',
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, NULL, NULL, -2, NULL, NULL, NULL, 1, 1, 0, 0, 0, -0e0, NULL, NULL, NULL, NULL, NULL, '-', '-', NULL, NULL, NULL, NULL, NULL, NULL, '-');
      CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), at datetime);
      INSERT INTO orders VALUES (1, 'one', '2024-01-01'), (2, 'two', NULL);
      ANALYZE TABLE \`all & more\`, orders`);
    const place = new URL(server.url);
    place.pathname = `/${database}`;
    url = place.href;
  });
  afterAll(async () => {
    await admin?.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin?.end();
    await server?.stop();
    state?.remove();
  });

  test('with columns of every type is loaded by npm start, and source and warehouse hold the same rows', async () => {
    const args = ['--state-dir', state.path, '--source-url', url, '--table', '`all & more`', '--json'];
    const { code, stdout, stderr } = await runCommand('start', args);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const outcome = JSON.parse(stdout);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', rowsSource: 4, rowsLoaded: 4, checksumEqual: true });
    expect(stdout).not.toContain('streamnova@');

    const warehouse = await openWarehouse(outcome.warehouse);
    const client = { mysql: admin };
    const table = await describeTable(client, '`all & more`');
    if (table === undefined) throw new Error('no table');
    const [dataset = '', name = ''] = String(outcome.warehouseTable).split('.');
    const target = { dataset, table: name };
    const types = await warehouse.query(`DESCRIBE ${dataset}."${name}"`);
    expect(Object.fromEntries(types.map((row) => [row.column_name, row.column_type]))).toMatchObject({
      top: 'DECIMAL(20,0)',
      flag: 'BOOLEAN',
      bits: 'BLOB',
      huge: 'VARCHAR',
      big: 'DECIMAL(38,18)',
      at: 'TIMESTAMP',
      seen: 'TIMESTAMP WITH TIME ZONE',
      span: 'VARCHAR',
      founded: 'BIGINT',
      place: 'VARCHAR',
    });
    // Any one value changed shows, and its column is named.
    for (const [column, value] of [
      ['small', '8'],
      ['flag', 'false'],
      ['one', 'false'],
      ['amount', '-12.51'],
      ['ratio', '0.1000001'],
      ['exact', '0.10000000000000002'],
      ['at', "'2024-02-29 23:59:59.999998'"],
      ['seen', "'1970-01-01 00:00:02.5+00'"],
      ['span', "'-838:59:58.000'"],
      ['words', "'grüße 🚀'"],
      ['raw', "'\\x00\\xFE'"],
    ]) {
      const before = await warehouse.query(`SELECT "${column}"::VARCHAR AS v FROM ${dataset}."${name}" WHERE id = 1`);
      await warehouse.query(`UPDATE ${dataset}."${name}" SET "${column}" = ${value} WHERE id = 1`);
      expect(await differingColumns(client, table, warehouse, target)).toEqual([column]);
      await warehouse.query(`UPDATE ${dataset}."${name}" SET "${column}" = $1 WHERE id = 1`, [String(before[0]?.v)]);
    }
    expect(await warehouseChecksum(warehouse, target, table.columns)).toEqual(await sourceChecksum(client, table));
    await warehouse.close();
  });

  test('that is not there is named beside those that are, without the password', async () => {
    const { code, stderr } = await runCommand('start', [
      '--state-dir',
      state.path,
      '--source-url',
      url,
      '--table',
      'nothing',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no table nothing in mysql://');
    expect(stderr).toContain('it has all & more, orders');
    expect(stderr).not.toContain('streamnova@');
  });

  test('of another source in the configuration of npm run serve gets its schema made, and is loaded', async () => {
    const place = new URL(url);
    const config = join(state.path, 'config.yaml');
    writeFileSync(
      config,
      `version: 1
sources:
  shop:
    type: mysql
    host: ${place.hostname}
    port: ${place.port || 3306}
    database: ${database}
    username: ${decodeURIComponent(place.username)}
    password: secret://local/SHOP_PASSWORD
targets:
  warehouse: { type: bigquery, dataset: warehouse }
loads:
  orders:
    source: shop
    target: warehouse
    table: orders
    schemaPath: gs://local-schemas/orders.json
    createIfNeeded: true
    candidate: { machineType: n2-standard-4, workerCount: 1, shardCount: 2 }
policy: { configOnlyRuns: true }
`,
    );
    const anyPort = ['--api-port', '--pubsub-port', '--dataflow-port', '--postgres-port'].flatMap((name) => [
      name,
      '0',
    ]);
    const args = ['--state-dir', join(state.path, 'serve'), '--rows', '1', '--config', config, ...anyPort];
    const command = startCommand('serve', args, { SHOP_PASSWORD: decodeURIComponent(place.password) });
    try {
      const { api } = JSON.parse(await command.until('stdout', /\n/));
      const schema = JSON.parse(readFileSync(join(state.path, 'serve/buckets/local-schemas/orders.json'), 'utf8'));
      expect(schema.fields.map((field: { type: string }) => field.type)).toEqual(['INTEGER', 'STRING', 'DATETIME']);
      const answer = await fetch(`${api}/api/agent/execute`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ load: 'orders', mode: 'BALANCED' }),
      });
      const { executionId } = (await answer.json()) as { executionId: string };
      const look = async () =>
        (await (await fetch(`${api}/api/agent/executions/${executionId}`)).json()) as {
          status: string;
          metrics?: { rowsWritten?: number };
        };
      let view = await look();
      while (!/SUCCEEDED|FAILED|REJECTED|CANCELLED/.test(view.status)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        view = await look();
      }
      expect(view.status).toBe('SUCCEEDED');
    } finally {
      command.child.kill('SIGINT');
      await command.finished;
    }
    expect(processesNaming(state.path)).toEqual([]);
  });
});
