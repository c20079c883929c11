// The published JSON Schemas are current, and judge configurations as the code does.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { publishedSchemas } from '../../shared/schema/write-schemas.ts';
import { configText } from './support.ts';

const folder = new URL('../../shared/schema/json/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const formats = addFormats.default;

function validatorOf(file: string) {
  const schema = JSON.parse(read(file)) as { $schema: string };
  const options = { allErrors: true, strict: true, strictTypes: false } as const;
  const ajv = schema.$schema.includes('draft-07') ? new Ajv(options) : new Ajv2020(options);
  formats(ajv);
  return ajv.compile(schema);
}

describe('the published schemas', () => {
  test('are what npm run schemas writes now', () => {
    expect([...publishedSchemas().keys()].sort()).toEqual(readdirSync(folder).sort());
    for (const [file, content] of publishedSchemas()) expect(content, `${file}: run npm run schemas`).toBe(read(file));
  });

  test.each([...publishedSchemas().keys()])('%s is a valid JSON Schema', (file) => {
    expect(() => validatorOf(file)).not.toThrow();
  });
});

describe('load-config.schema.json', () => {
  const validate = validatorOf('load-config.schema.json');

  test('accepts every part of a configuration, variables included', () => {
    expect(validate(parseYaml(configText('everything.yaml'))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(parseYaml(readFileSync(new URL('../../local/streamnova.yaml', import.meta.url), 'utf8')))).toBe(
      true,
    );
  });

  test('refuses what the code refuses', () => {
    expect(validate(parseYaml(configText('faulty.yaml'), { uniqueKeys: false }))).toBe(false);
    const at = validate.errors?.map((error) => error.instancePath);
    expect(at).toEqual(
      expect.arrayContaining(['/sources/crm/type', '/sources/crm/password', '/sources/shop', '/policy/maxWorkers']),
    );
  });
});

describe('recommendation-event.schema.json', () => {
  const validate = validatorOf('recommendation-event.schema.json');

  test.each([
    [{ runId: 'run-1' }, true],
    [
      {
        runId: 'run-1',
        mode: 'FAST_LOAD',
        executionKey: 'again',
        dryRun: true,
        overrides: { guardrails: { maxWorkers: 2 } },
      },
      true,
    ],
    [{}, false],
    [{ runId: 'run-1', candidate: {} }, false],
    [{ runId: 'run-1', overrides: { environment: { machineType: 'n2-standard-4' } } }, false],
  ])('%j: %s', (event, ok) => {
    expect(validate(event)).toBe(ok);
  });
});
