// Reading a load configuration: what is accepted, and where every fault is reported.

import { describe, expect, test } from 'vitest';
import { accepted, configText, everything, parse, variable } from './support.ts';

const minimal = (load: string, source = 'type: postgres\n    host: h\n    database: d') => `sources:
  s:
    ${source}
targets:
  t: { type: bigquery, dataset: w }
loads:
  l:
    source: s
    target: t
${load}`;

const problemsOf = (text: string, env: Record<string, string> = {}) => {
  const result = parse(text, env);
  return result.ok
    ? []
    : result.problems.map(({ line, column, path, message }) => ({ at: `${line}:${column}`, path, message }));
};

describe('a good configuration', () => {
  test('with every part is accepted', () => {
    const config = everything();
    expect(Object.keys(config.loads)).toHaveLength(8);
    expect(config.policy).toMatchObject({
      maxWorkers: 20,
      maxAttempts: 2,
      connectionHeadroomRatio: 0.8,
      configOnlyRuns: false,
    });
  });

  test('needs no more than a source, a target and a load', () => {
    const config = accepted(parse(minimal('    table: public.orders')));
    expect(config.version).toBe(1);
    expect(config.policy.maxAttempts).toBe(3);
  });

  test('may be the local cloud’s own', async () => {
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(new URL('../../local/streamnova.yaml', import.meta.url), 'utf8');
    const config = accepted(
      parse(text, { PGHOST: '127.0.0.1', PGPORT: '54321', PGDATABASE: 'shop', PGUSER: 'reader' }),
    );
    expect(config.sources['local-postgres']).toMatchObject({
      port: 54_321,
      database: 'shop',
      username: 'reader',
      connectionBudget: 32,
    });
    expect(config.loads.orders).toMatchObject({ table: 'public.orders', createIfNeeded: true });
    expect(config.policy).toMatchObject({ configOnlyRuns: true, maxConcurrentJobs: 25 });
  });

  test('may share parts by anchors and merge keys', () => {
    const config = accepted(
      parse(`sources:
  a: &pg { type: postgres, host: h, database: one }
  b: { <<: *pg, database: two }
targets: { t: { type: bigquery, dataset: w } }
loads: { l: { source: b, target: t, table: x } }`),
    );
    expect(config.sources.b).toMatchObject({ type: 'postgres', host: 'h', database: 'two' });
  });
});

describe('a faulty configuration', () => {
  test('is answered with every fault at its line and column', () => {
    expect(problemsOf(configText('faulty.yaml'))).toEqual([
      { at: '4:11', path: '/sources/crm/type', message: expect.stringContaining('must be one of "postgres"') },
      { at: '7:15', path: '/sources/crm/password', message: expect.stringContaining('Secret Manager version path') },
      { at: '10:5', path: '/sources/shop/hots', message: expect.stringContaining('did you mean "host"?') },
      { at: '11:11', path: '/sources/shop/port', message: expect.stringContaining('variable SHOP_PORT is not set') },
      { at: '21:3', path: '', message: expect.stringContaining('twice') },
      { at: '23:13', path: '/loads/customers/target', message: expect.stringContaining('did you mean "warehouse"?') },
      { at: '24:5', path: '/loads/customers/tabel', message: expect.stringContaining('did you mean "table"?') },
      { at: '26:15', path: '/policy/maxWorkers', message: expect.stringContaining('number') },
      { at: '27:18', path: '/defaultScenario', message: expect.stringContaining('no scenarios are configured') },
    ]);
  });

  test.each([
    ['an empty file', '', 'holds no configuration'],
    ['a list', '- a', 'must be an object, not an array'],
    ['broken YAML', 'sources: [', 'flow'],
    ['a tab', 'sources:\n\ta: 1', 'tab'],
    ['missing sections', 'version: 1', 'sources is missing'],
    ['an alias to nothing', 'sources: *nowhere', 'alias'],
    ['a newer version', `version: 2\n${minimal('    table: x')}`, 'version'],
  ])('%s is a problem, not an exception', (_, text, message) => {
    expect(
      problemsOf(text)
        .map((problem) => problem.message.toLowerCase())
        .join('\n'),
    ).toContain(message);
  });

  test('an alias bomb is refused', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [index, name] of [...'bcdefghij'].entries()) {
      lines.push(`${name}: &${name} [${new Array(10).fill(`*${'abcdefghij'[index]}`).join(', ')}]`);
    }
    expect(problemsOf(lines.join('\n'))[0]?.message).toContain('cannot be resolved');
  });

  test('a key named __proto__ is unknown like any other', () => {
    expect(problemsOf(`__proto__: { policy: 1 }\n${minimal('    table: x')}`)[0]).toMatchObject({
      at: '1:1',
      path: '/__proto__',
    });
  });
});

describe('completeness of loads', () => {
  test.each([
    ['neither table nor query', '    truncate: true', 'neither a table nor a query'],
    ['table and query', '    table: x\n    query: select 1\n    targetTable: y', 'exclude each other'],
    ['a query without a target table', '    query: select 1', 'set targetTable'],
    [
      'a query with a partition column',
      '    query: select 1\n    targetTable: y\n    partitionColumn: id',
      'partitionColumn needs a table',
    ],
    ['bounds without a column', '    table: x\n    partitionBounds: { lower: "1", upper: "2" }', 'set partitionColumn'],
    ['createIfNeeded without a schema', '    table: x\n    createIfNeeded: true', 'needs schemaPath'],
    [
      'zone and region',
      '    table: x\n    environment: { workerZone: europe-west1-b, workerRegion: europe-west1 }',
      'exclude each other',
    ],
  ])('%s is refused', (_, load, message) => {
    expect(
      problemsOf(minimal(load))
        .map((problem) => problem.message)
        .join('\n'),
    ).toContain(message);
  });

  test.each([
    ['no way to the database', 'type: postgres\n    database: d', 'no way to reach'],
    [
      'two ways',
      'type: postgres\n    host: h\n    jdbcUrl: jdbc:postgresql://h/d\n    database: d',
      'exclude each other',
    ],
    ['no database', 'type: mysql\n    host: h', 'database is missing'],
    ['a generic source without driver', 'type: jdbc\n    jdbcUrl: jdbc:x:y', 'driverJars is missing'],
    ['files without a path', 'type: gcs', 'path is missing'],
  ])('a source with %s is refused', (_, source, message) => {
    expect(
      problemsOf(minimal('    table: x', source))
        .map((problem) => problem.message)
        .join('\n'),
    ).toContain(message);
  });
});

describe('secrets', () => {
  test('a plain password is refused without being shown, wherever it came from', () => {
    const source = (password: string) => `type: postgres\n    host: h\n    database: d\n    password: ${password}`;
    for (const [text, env] of [
      ['s3cr3t-canary', {}],
      [`"${variable('DB_PASSWORD')}"`, { DB_PASSWORD: 's3cr3t-canary' }],
    ] as const) {
      const problems = problemsOf(minimal('    table: x', source(text)), env);
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toContain('plain secrets are refused because');
      expect(JSON.stringify(problems)).not.toContain('s3cr3t-canary');
    }
  });
});
