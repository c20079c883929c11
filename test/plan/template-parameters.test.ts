// Parameters are judged before anything is sent: by the template's metadata, and by the rules between them.

import { describe, expect, test } from 'vitest';
import { readContainerSpec } from '../../shared/plan/templates/container-spec.ts';
import { type TemplateMetadata, templateMetadata, templateNames } from '../../shared/plan/templates/metadata.ts';
import { validateParameters } from '../../shared/plan/templates/validate-parameters.ts';

const template = (name: string): TemplateMetadata => {
  const metadata = templateMetadata(name);
  if (metadata === undefined) throw new Error(name);
  return metadata;
};
const jdbc = {
  connectionURL: 'jdbc:postgresql://h:5432/d',
  outputTable: 'p:d.t',
  bigQueryLoadingTemporaryDirectory: 'gs://b/t',
  table: 'orders',
  partitionColumn: 'id',
};
const judge = (changes: Record<string, string | undefined>, name = 'PostgreSQL_to_BigQuery') => {
  const entries = Object.entries({ ...jdbc, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return validateParameters(template(name), Object.fromEntries(entries));
};

describe('the metadata', () => {
  test('knows fifteen templates and their parameters', () => {
    expect(templateNames).toHaveLength(15);
    expect(template('PostgreSQL_to_BigQuery').parameters).toHaveLength(24);
    expect(template('Jdbc_to_BigQuery_Flex').parameters).toHaveLength(26);
    expect(
      template('SQLServer_to_BigQuery').parameters.find(({ name }) => name === 'connectionURL')?.regexes[0],
    ).toContain('secrets');
    expect(template('GCS_CSV_to_BigQuery').kind).toBe('classic');
  });

  test('holds patterns that compile', () => {
    for (const name of templateNames) {
      for (const parameter of template(name).parameters)
        for (const regex of parameter.regexes) expect(() => new RegExp(regex)).not.toThrow();
    }
  });
});

describe('parameters', () => {
  test('of a good launch have no violations', () => {
    expect(judge({ numPartitions: '8', partitionColumnType: 'long', isTruncate: 'true' })).toEqual([]);
  });

  test.each<[string, Record<string, string | undefined>, string, string]>([
    ['missing', { outputTable: undefined }, 'outputTable', 'Missing required parameter'],
    ['unknown', { numPartitons: '8' }, 'numPartitons', 'did you mean "numPartitions"'],
    ['a runtime option', { numWorkers: '8' }, 'numWorkers', 'runtime option'],
    ['threads', { numberOfWorkerHarnessThreads: '8' }, 'numberOfWorkerHarnessThreads', 'runtime option'],
    ['without a project', { outputTable: 'd.t' }, 'outputTable', "didn't match regex"],
    ['a number in words', { numPartitions: 'eight' }, 'numPartitions', "didn't match regex"],
    ['a boolean in capitals', { isTruncate: 'TRUE' }, 'isTruncate', "didn't match regex"],
    ['out of its enum', { createDisposition: 'CREATE' }, 'createDisposition', 'Must be one of'],
    ['neither query nor table', { table: undefined, partitionColumn: undefined }, 'query', 'Either query, or both'],
    ['query beside table', { query: 'select 1' }, 'query', 'ignored'],
    ['table alone', { partitionColumn: undefined, query: 'select 1' }, 'partitionColumn', 'only count together'],
    ['one bound', { lowerBound: '1' }, 'lowerBound', 'only count together'],
    ['bounds upside down', { lowerBound: '9', upperBound: '1' }, 'lowerBound', 'must be below'],
    ['bounds of the wrong type', { lowerBound: 'a', upperBound: 'b' }, 'lowerBound', 'whole numbers'],
    [
      'times in another form',
      { partitionColumnType: 'datetime', lowerBound: '2026-01-01', upperBound: '2026-02-01' },
      'lowerBound',
      'yyyy-MM-dd',
    ],
    ['no partitions', { numPartitions: '0' }, 'numPartitions', 'at least 1'],
    ['creation without a schema', { createDisposition: 'CREATE_IF_NEEDED' }, 'bigQuerySchemaPath', 'required with'],
    [
      'dead letters without the Storage API',
      { outputDeadletterTable: 'p:d.t' },
      'outputDeadletterTable',
      'useStorageWriteApi',
    ],
    [
      'at least once without it',
      { useStorageWriteApiAtLeastOnce: 'true' },
      'useStorageWriteApiAtLeastOnce',
      'useStorageWriteApi',
    ],
    ['truncation with it', { useStorageWriteApi: 'true', isTruncate: 'true' }, 'isTruncate', 'no truncate'],
    [
      'a key without credentials',
      { KMSEncryptionKey: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' },
      'KMSEncryptionKey',
      'username and password',
    ],
  ])('%s is a violation', (_, changes, parameter, description) => {
    expect(judge(changes)).toContainEqual({ parameter, description: expect.stringContaining(description) });
  });

  test('are all judged at once', () => {
    expect(
      judge({ outputTable: undefined, isTruncate: 'yes', fooBar: '1' })
        .map(({ parameter }) => parameter)
        .sort(),
    ).toEqual(['fooBar', 'isTruncate', 'outputTable']);
  });

  test('that are sensitive are never quoted', () => {
    expect(JSON.stringify(judge({ connectionURL: 'canary canary' }))).not.toContain('canary');
  });

  test('may be secret paths where they are sensitive', () => {
    expect(
      judge({ connectionURL: 'projects/my-p/secrets/db_url/versions/1', password: 'projects/p/secrets/s/versions/1' }),
    ).toEqual([]);
  });

  test('need a driver in the generic template', () => {
    expect(judge({}, 'Jdbc_to_BigQuery_Flex').map(({ parameter }) => parameter)).toEqual([
      'driverJars',
      'driverClassName',
    ]);
  });
});

describe('a user’s own template', () => {
  const spec = {
    image: 'europe-docker.pkg.dev/p/r/i:1',
    metadata: {
      name: 'Own',
      parameters: [
        { name: 'mode', label: 'Mode', helpText: 'x', enumOptions: [{ value: 'FAST' }, { value: 'SAFE' }] },
        { name: 'ratio', isOptional: true, regexes: ['^0\\.[0-9]+$'] },
        { name: 'reason', parentName: 'mode', parentTriggerValues: ['SAFE'] },
      ],
    },
  };
  const read = (value: unknown) => readContainerSpec(JSON.stringify(value), 'gs://b/own.json');
  const metadata = () => {
    const result = read(spec);
    if (!result.ok || result.metadata === undefined) throw new Error('no metadata');
    return result.metadata;
  };

  test('is checked by the metadata of its container spec', () => {
    expect(validateParameters(metadata(), { mode: 'FAST', ratio: '0.5' })).toEqual([]);
    expect(
      validateParameters(metadata(), { mode: 'SLOW', ratio: '5', other: '1' }).map(({ parameter }) => parameter),
    ).toEqual(['mode', 'ratio', 'other']);
  });

  test('asks for a child only while its parent wants it', () => {
    expect(validateParameters(metadata(), { mode: 'FAST' })).toEqual([]);
    expect(validateParameters(metadata(), { mode: 'SAFE' })).toEqual([
      { parameter: 'reason', description: expect.stringContaining('Missing') },
    ]);
  });

  test.each([
    ['no JSON', 'not json', 'is not JSON'],
    ['no spec', JSON.stringify({ metadata: {} }), 'image'],
    [
      'a broken pattern',
      JSON.stringify({ image: 'i', metadata: { parameters: [{ name: 'a', regexes: ['('] }] } }),
      'not a regular expression',
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(readContainerSpec(text, 'gs://b/own.json')).toEqual({
      ok: false,
      message: expect.stringContaining(message),
    });
  });

  test('without metadata is known to have none', () => {
    expect(read({ image: 'i' })).toEqual({ ok: true, metadata: undefined });
  });
});
