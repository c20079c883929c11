// Which template carries what: every pair of the catalogue, named templates, a user's own, and clear words where there is none.

import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { planLoad } from '../../shared/plan/plan-load.ts';
import type { EffectiveLoad, LoadConfig } from '../../shared/schema/load-config.ts';
import type { Plan } from '../../shared/schema/plan.ts';
import { policySchema } from '../../shared/schema/policy.ts';
import { effective, everything } from '../config/support.ts';
import { column, input, load, parametersOf, planned, profile, refused } from './support.ts';

function planOf(config: LoadConfig, name: string): Plan {
  const result = planLoad(input({ load: effective(config, name), policy: config.policy, profile: undefined }));
  if (result.ok) return result.plan;
  throw new Error(result.violations.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

describe('every load of a large configuration', () => {
  const config = everything();

  test.each([
    ['customers', 'PostgreSQL_to_BigQuery', 'query'],
    ['orders-increment', 'MySQL_to_BigQuery', 'split'],
    ['bookings', 'Oracle_to_BigQuery', 'split'],
    ['employees', 'SQLServer_to_BigQuery', 'split'],
    ['old-invoices', 'Jdbc_to_BigQuery_Flex', 'query'],
    ['events', 'GCS_Text_to_BigQuery_Flex', 'files'],
    ['revenue-export', 'BigQuery_to_Parquet', 'files'],
  ])('%s is carried by %s', (name, template, readMode) => {
    const plan = planOf(config, name);
    expect(plan).toMatchObject({ templateName: template, readMode });
    expect(plan.request.launchParameter.containerSpecGcsPath).toMatch(new RegExp(`/flex/${template}$`));
  });

  test('a dated folder pins the template', () => {
    expect(planOf(config, 'bookings').request.launchParameter.containerSpecGcsPath).toBe(
      'gs://dataflow-templates-europe-west1/2026-08-21-00_RC00/flex/Oracle_to_BigQuery',
    );
  });

  test('files and warehouses hold no database connections', () => {
    expect(planOf(config, 'events').maxConcurrentShards).toBe(0);
    expect(parametersOf(planOf(config, 'events'))).toMatchObject({
      inputFilePattern: 'gs://acme-drop/*.jsonl',
      JSONPath: 'gs://acme-schemas/events.json',
      javascriptTextTransformFunctionName: 'toRow',
    });
    expect(parametersOf(planOf(config, 'revenue-export'))).toEqual({
      tableRef: 'acme:marts.revenue',
      bucket: 'gs://acme-lake/exports',
      numShards: '8',
    });
  });

  test('identifiers follow the database', () => {
    expect(parametersOf(planOf(config, 'bookings'))).toMatchObject({
      table: 'FIN.BOOKINGS',
      partitionColumn: 'BOOKING_ID',
    });
    expect(parametersOf(planOf(config, 'orders-increment'))).toMatchObject({
      table:
        "(select `id`, `customer_id`, `total`, `updated_at` from `orders` where `updated_at` >= convert_tz(timestamp '2026-01-01 00:00:00', '+00:00', @@session.time_zone)) as streamnova_source",
      partitionColumn: 'id',
    });
    expect(parametersOf(planOf(config, 'employees'))).toMatchObject({
      table: 'dbo.Employees',
      partitionColumn: 'EmployeeId',
    });
  });
});

describe('text files', () => {
  const source = { type: 'gcs', path: 'gs://acme-drop/x.csv' } as const;
  const { table: _, ...rest } = load();
  const text: EffectiveLoad = { ...rest, source, targetTable: 't' };

  test('need a schema and the JavaScript pair', () => {
    expect(
      refused({ load: text })
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('schemaPath is missing');
    expect(refused({ load: { ...text, schemaPath: 'gs://s/s.json' } }).map(({ path }) => path)).toEqual([
      '/parameters/javascriptTextTransformGcsPath',
      '/parameters/javascriptTextTransformFunctionName',
    ]);
  });

  test('cannot truncate', () => {
    expect(refused({ load: { ...text, truncate: true } })).toContainEqual(
      expect.objectContaining({ path: '/loads/orders/truncate' }),
    );
  });
});

describe('a named template', () => {
  test('replaces the catalogue’s choice', () => {
    const generic = load({
      template: { name: 'Jdbc_to_BigQuery_Flex' },
      source: { ...load().source, driverClassName: 'org.postgresql.Driver', driverJars: 'gs://acme-jars/pg.jar' },
    });
    const plan = planned({ load: generic });
    expect(plan.templateName).toBe('Jdbc_to_BigQuery_Flex');
    expect(parametersOf(plan)).toMatchObject({
      driverClassName: 'org.postgresql.Driver',
      driverJars: 'gs://acme-jars/pg.jar',
      numPartitions: '8',
    });
  });

  test.each([
    ['PostgresSQL_to_BigQuery', 'did you mean "PostgreSQL_to_BigQuery"'],
    ['GCS_CSV_to_BigQuery', 'classic template'],
  ])('%s is refused: %s', (name, message) => {
    expect(refused({ load: load({ template: { name } }) })).toEqual([
      expect.objectContaining({
        code: 'TEMPLATE',
        path: '/loads/orders/template/name',
        message: expect.stringContaining(message),
      }),
    ]);
  });

  test('outside the builders takes the load’s own parameters, checked all the same', () => {
    const template = { name: 'Dataplex_JDBC_Ingestion', parameters: { fileFormat: 'CSV' } };
    expect(refused({ load: load({ template }) }).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/parameters/fileFormat', '/parameters/outputAsset']),
    );
  });
});

describe('parameters of the load', () => {
  const withParameters = (parameters: Record<string, string>) => ({ load: load({ template: { parameters } }) });

  test('pass beside the plan’s', () => {
    expect(parametersOf(planned(withParameters({ disabledAlgorithms: 'none' })))).toMatchObject({
      disabledAlgorithms: 'none',
      numPartitions: '8',
    });
  });

  test.each([
    ['numPartitions', '99', 'COLLISION'],
    ['numWorkers', '99', 'TEMPLATE_PARAMETER'],
    ['tempLocation', 'gs://b/t', 'TEMPLATE_PARAMETER'],
    ['outputDeadletterTable', 'p:d.t', 'TEMPLATE_PARAMETER'],
    ['useStorageWriteApi', 'yes', 'TEMPLATE_PARAMETER'],
  ])('%s=%s is refused: %s', (name, value, code) => {
    expect(refused(withParameters({ [name]: value })).map((violation) => violation.code)).toEqual([code]);
  });
});

describe('a user’s own template', () => {
  const own = (parameters: Record<string, string>) =>
    load({ template: { containerSpecGcsPath: 'gs://acme-templates/own.json', parameters } });
  const metadata = {
    name: 'Own',
    kind: 'flex' as const,
    parameters: [{ name: 'mode', type: 'TEXT', required: true, regexes: ['^(FAST|SAFE)$'], sensitive: false }],
  };

  test('is launched from its container spec, unchecked without metadata', () => {
    const plan = planned({ load: own({ anything: 'goes' }) });
    expect(plan.request.launchParameter).toMatchObject({
      containerSpecGcsPath: 'gs://acme-templates/own.json',
      parameters: { anything: 'goes' },
    });
    expect(plan.templateName).toBe('own');
    expect(plan.warnings.join('\n')).toContain('nothing is known about the parameters');
  });

  test('takes no runtime option among its parameters, with or without metadata', () => {
    const parameters = { maxNumWorkers: '5', tempLocation: 'gs://x/y', mode: 'FAST' };
    const paths = [{ path: '/parameters/maxNumWorkers' }, { path: '/parameters/tempLocation' }];
    expect(refused({ load: own(parameters) })).toMatchObject(paths);
    expect(refused({ load: own(parameters), templateMetadata: metadata })).toMatchObject(paths);
  });

  test('is checked by its metadata', () => {
    expect(refused({ load: own({ mode: 'SLOW' }), templateMetadata: metadata })).toEqual([
      expect.objectContaining({ path: '/parameters/mode' }),
    ]);
    expect(planned({ load: own({ mode: 'FAST' }), templateMetadata: metadata }).warnings).toEqual([]);
  });

  test('may stand in for one of Google’s, with the same parameters', () => {
    const mirror = load({
      template: { name: 'PostgreSQL_to_BigQuery', containerSpecGcsPath: 'gs://acme-templates/pg.json' },
    });
    expect(planned({ load: mirror }).request.launchParameter).toMatchObject({
      containerSpecGcsPath: 'gs://acme-templates/pg.json',
      parameters: { numPartitions: '8' },
    });
  });

  test('may run on Arm, with a warning', () => {
    const plan = planned({
      load: own({}),
      candidate: { machineType: 't2a-standard-4', workerCount: 1, shardCount: 1 },
      target: { ...input().target, region: 'europe-west4' },
    });
    expect(plan.warnings.join('\n')).toContain('Arm machine');
  });

  test('resolves its secrets by path, and takes no plain ones', () => {
    expect(refused({ load: own({ dbPassword: 'canary' }) })).toEqual([
      expect.objectContaining({ code: 'PLAIN_SECRET' }),
    ]);
    expect(parametersOf(planned({ load: own({ dbPassword: 'projects/p/secrets/s/versions/1' }) }))).toEqual({
      dbPassword: 'projects/p/secrets/s/versions/1',
    });
  });
});

describe('generated Beam YAML', () => {
  const toLake = (more: Partial<EffectiveLoad> = {}) =>
    load({ target: { type: 'gcs', bucket: 'acme-lake', path: '/exports/' }, ...more });
  const pipelineOf = (plan: Plan) =>
    parseYaml(parametersOf(plan).yaml_pipeline ?? '') as {
      pipeline: { transforms: { type: string; config: Record<string, unknown> }[] };
    };

  test('reads a table in ranges and writes Parquet', () => {
    const plan = planned({ load: toLake(), connectionBudget: 20 });
    expect(plan).toMatchObject({ templateName: 'Yaml_Template', readMode: 'split', maxConcurrentShards: 8 });
    expect(pipelineOf(plan).pipeline.transforms).toEqual([
      {
        type: 'ReadFromPostgres',
        config: {
          url: 'jdbc:postgresql://db.internal:5432/shop',
          username: 'loader',
          password: 'projects/p/secrets/shop-password/versions/1',
          secret_manager: 'GoogleCloudSecretManager',
          table: 'public.orders',
          partition_column: 'id',
          num_partitions: 8,
        },
      },
      { type: 'WriteToParquet', config: { path: 'gs://acme-lake/exports/part' } },
    ]);
  });

  test('reads by one query what it cannot split, and values never become YAML', () => {
    const columns = [column('id', 'int8'), column('a": {b', 'jsonb')];
    const plan = planned({ load: toLake(), profile: profile({ columns }) });
    expect(plan.readMode).toBe('query');
    expect(pipelineOf(plan).pipeline.transforms[0]?.config.query).toBe(
      'select "id", cast("a"": {b" as text) as "a"": {b" from "public"."orders"',
    );
  });

  test('takes no secret path but for the password', () => {
    const secret = 'projects/p/secrets/s/versions/1';
    expect(refused({ load: toLake({ source: { ...load().source, username: secret } }) })).toEqual([
      expect.objectContaining({ path: '/sources/shop/username' }),
    ]);
  });

  test('loads Parquet into BigQuery', () => {
    const files: EffectiveLoad = {
      ...load({ truncate: true, targetTable: 'orders' }),
      source: { type: 'gcs', path: 'gs://acme-lake/x/part*.parquet' },
    };
    expect(pipelineOf(planned({ load: files })).pipeline.transforms).toEqual([
      { type: 'ReadFromParquet', config: { path: 'gs://acme-lake/x/part*.parquet' } },
      {
        type: 'WriteToBigQuery',
        config: { table: 'acme.raw.orders', create_disposition: 'CREATE_NEVER', write_disposition: 'WRITE_TRUNCATE' },
      },
    ]);
  });
});

test('a pair that no template carries is refused with those that one does', () => {
  const files = load({ source: { type: 'gcs', path: 'gs://a/b' }, target: { type: 'gcs', bucket: 'c' } });
  expect(refused({ load: files, policy: policySchema.parse({}) })).toEqual([
    expect.objectContaining({
      code: 'TEMPLATE',
      message: expect.stringContaining('no template carries gcs → gcs; the catalogue has postgres → bigquery'),
    }),
  ]);
});
