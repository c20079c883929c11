// Loads of MySQL tables as our own planner writes them, from the profile of the catalogue to the rows in the warehouse.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/base/clock.ts';
import { createDataflowJobs } from '../../shared/gcp/dataflow-jobs.ts';
import { planLoad } from '../../shared/plan/plan-load.ts';
import type { EffectiveLoad, Source } from '../../shared/schema/load-config.ts';
import type { Plan } from '../../shared/schema/plan.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import { createProfiler } from '../../shared/sql/profiler.ts';
import { mariadbFor } from '../support/start-mariadb.ts';
import { type MysqlLoading, startMysqlLoading } from './mysql-loading.ts';
import { place } from './service.ts';

let it: MysqlLoading;
let jobs: ReturnType<typeof createDataflowJobs>;
let launches = 0;

describe.skipIf(!mariadbFor('planned loads from MySQL'))('a planned load from MySQL', () => {
  beforeAll(async () => {
    it = await startMysqlLoading({ resolveSecret: () => decodeURIComponent(it.url.password) });
    jobs = createDataflowJobs({ emulatorHost: it.service.dataflow.address });
    await it.sql(`CREATE TABLE numbers (n int PRIMARY KEY);
      INSERT INTO numbers WITH RECURSIVE c AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 999) SELECT n FROM c;
      CREATE TABLE \`Order \`\`Lines\` (
        Id bigint unsigned PRIMARY KEY AUTO_INCREMENT, \`order\` varchar(40) NOT NULL, founded year, span time(6), document json,
        place point, paid tinyint(1), amount decimal(12, 2), placed_at datetime(6) NOT NULL, changed_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), KEY (placed_at), KEY (changed_at));
      SET time_zone = '+00:00';
      INSERT INTO \`Order \`\`Lines\` (\`order\`, founded, span, document, place, paid, amount, placed_at, changed_at)
        SELECT concat('it''s ', n), 1990 + n % 30, '-25:30:00.5', concat('{"n": ', n, '}'), ST_GeomFromText(concat('POINT(', n, ' 1)')), n % 2, n / 3,
          timestamp'2024-01-01 00:00:00' + INTERVAL n HOUR, timestamp'2024-01-01 00:00:00.123456' + INTERVAL n HOUR FROM numbers;
      ANALYZE TABLE \`Order \`\`Lines\``);
  });
  afterAll(async () => {
    await jobs?.close();
    await it?.stop();
  });

  const source = (): Source => ({
    type: 'mysql',
    host: it.url.hostname,
    port: Number(it.url.port || 3306),
    database: it.database,
    username: decodeURIComponent(it.url.username),
    password: 'secret://local/MYSQL',
  });
  const columns = {
    Id: 'INT64',
    order: 'STRING',
    founded: 'INT64',
    span: 'STRING',
    document: 'STRING',
    place: 'STRING',
    paid: 'BOOL',
    amount: 'NUMERIC',
    placed_at: 'DATETIME',
    changed_at: 'TIMESTAMP',
  };

  async function planned(more: Partial<EffectiveLoad>): Promise<Plan> {
    const { bigQuerySchemaPath = '' } = it.schema('lines', columns);
    const load: EffectiveLoad = {
      name: 'lines',
      sourceName: 'shop',
      source: source(),
      targetName: 'warehouse',
      target: { type: 'bigquery', dataset: 'shop' },
      table: '`Order ``Lines`',
      targetTable: 'lines',
      schemaPath: bigQuerySchemaPath,
      createIfNeeded: true,
      truncate: true,
      ...more,
    };
    const resolveSecret = async () => decodeURIComponent(it.url.password);
    const profile = await createProfiler({ resolveSecret, connectTimeoutMs: 5000, clock: systemClock }).profile(load);
    const result = planLoad({
      load,
      candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8 },
      policy: policySchema.parse({}),
      profile,
      target: {
        ...{ executionId: `exe-${String(++launches).padStart(32, '0')}`, runId: 'run', attempt: 1 },
        ...{ projectId: place.projectId, region: place.location, environment: 'LOCAL', environmentReason: 'a test' },
      },
    });
    if (!result.ok) throw new Error(JSON.stringify(result.violations));
    return result.plan;
  }

  /** The end of the plan's job. */
  async function run(plan: Plan) {
    const job = await jobs.launch(plan.request, { deadlineMs: 5000 });
    const end = await it.service.reach(job?.id ?? '', 'JOB_STATE_DONE', 'JOB_STATE_FAILED');
    return { ...end, errors: await it.service.texts(end.id, 'JOB_MESSAGE_ERROR') };
  }

  test('runs on the template for MySQL, with casts that keep every value whole', async () => {
    const plan = await planned({});
    expect(plan.request.launchParameter.containerSpecGcsPath).toMatch(/\/MySQL_to_BigQuery$/);
    const { table, useColumnAlias } = plan.request.launchParameter.parameters;
    expect(table).toContain('cast(`span` as char) as `span`');
    expect(useColumnAlias).toBe('true');
    const job = await run(plan);
    expect(job.errors).toEqual([]);
    expect(job.progress).toMatchObject({ rangesTotal: 8, rowsRead: 1000, rowsWritten: 1000 });
    const [row] = await it.rows(`SELECT "order", founded, span, document, place, paid, amount::VARCHAR AS amount,
      placed_at::VARCHAR AS placed_at, changed_at::VARCHAR AS changed_at FROM shop.lines WHERE Id = 43`);
    expect(row).toEqual({
      order: "it's 42",
      founded: 2002,
      span: '-25:30:00.500000',
      document: '{"n": 42}',
      place: 'POINT(42 1)',
      paid: false,
      amount: '14.000000000',
      placed_at: '2024-01-02 18:00:00',
      changed_at: '2024-01-02 18:00:00.123456+00',
    });
  });

  test.each(['changed_at', 'placed_at'])(
    'reads the window of an incremental load by %s, whatever the zone of the server',
    async (column) => {
      const zone = column === 'changed_at' ? 'Z' : '';
      const window = { column, from: `2024-01-02T00:00:00${zone}`, to: `2024-01-03T00:00:00${zone}` };
      const plan = await planned({ incremental: window });
      if (column === 'changed_at') expect(plan.request.launchParameter.parameters.table).toContain('convert_tz');
      await it.sql("SET GLOBAL time_zone = '-07:00'");
      try {
        const job = await run(plan);
        expect(job.errors).toEqual([]);
        expect(job.progress).toMatchObject({ rowsRead: 24 });
      } finally {
        await it.sql("SET GLOBAL time_zone = 'SYSTEM'");
      }
      const [row] = await it.rows(
        `SELECT min(${column})::VARCHAR AS first, max(${column})::VARCHAR AS last FROM shop.lines`,
      );
      expect(row?.first).toMatch(/^2024-01-02 00:00:00/);
      expect(row?.last).toMatch(/^2024-01-02 23:00:00/);
    },
  );

  test('by datetime, and by one query where the table has no column to split by', async () => {
    const byTime = await run(await planned({ partitionColumn: 'placed_at' }));
    expect(byTime).toMatchObject({ errors: [], progress: { rowsRead: 1000 } });
    await it.sql(
      "CREATE TABLE keyless (Id bigint, `order` varchar(20)); INSERT INTO keyless VALUES (1, NULL), (NULL, 'x')",
    );
    const byQuery = await run(await planned({ table: 'keyless' }));
    expect(byQuery).toMatchObject({ errors: [], progress: { rowsRead: 2, rangesTotal: 1 } });
  });
});
