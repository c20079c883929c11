// The README says what is true: its samples fit their schemas, its commands exist, its variables are the ones that are read.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../shared/base/config.ts';
import { parseLoadConfig } from '../shared/plan/read-config.ts';
import { executeRequestSchema } from '../shared/schema/api.ts';
import { recommendationEventSchema } from '../shared/schema/event.ts';
import { executionStatuses } from '../shared/schema/execution.ts';
import { recommendationSchema } from '../shared/schema/recommendation.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] ?? '');

describe('the README', () => {
  test('shows an event and a recommendation that fit their schemas', () => {
    const [event, recommendation] = blocks('json').map((block) => JSON.parse(block));
    expect(recommendationEventSchema.parse(event)).toEqual(event);
    expect(recommendationSchema.parse(recommendation)).toEqual(recommendation);
  });

  test('shows a configuration that is valid', () => {
    const [yaml = ''] = blocks('yaml');
    expect(parseLoadConfig(yaml, { file: 'README.md', env: {} })).toMatchObject({ ok: true });
  });

  test('shows request bodies that the API accepts', () => {
    const bodies = blocks('sh').flatMap((block) => [...block.matchAll(/api\/agent\/execute"[\s\S]*?-d '([^']*)'/g)]);
    expect(bodies.length).toBeGreaterThan(2);
    for (const [, body = ''] of bodies)
      expect(executeRequestSchema.safeParse(JSON.parse(body))).toMatchObject({ success: true });
  });

  test('names only commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    const files = Object.values(scripts).flatMap((script) => /^(?:exec )?node (\S+\.ts)/.exec(script)?.[1] ?? []);
    expect(files.filter((file) => !existsSync(resolve(root, file)))).toEqual([]);
  });

  test('links only to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !existsSync(resolve(root, link)))).toEqual([]);
  });

  test('names only variables that are read, and every one a user must set', () => {
    const known = Object.keys(settingsSchema.shape);
    const named = [...readme.matchAll(/`([A-Z][A-Z_]{5,})`/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => name.includes('_'));
    const statuses: readonly string[] = executionStatuses;
    // MYSQL_URL is read by the tests alone.
    const elsewhere = ['COST_OPTIMAL', 'FAST_LOAD', 'LAUNCHING', 'MYSQL_URL'];
    expect(
      named.filter((name) => !known.includes(name) && !statuses.includes(name) && !elsewhere.includes(name)),
    ).toEqual([]);
    for (const name of ['GOOGLE_CLOUD_PROJECT', 'LOAD_CONFIG', 'DATAFLOW_EMULATOR_HOST']) expect(named).toContain(name);
  });

  test('has no figure left to fill in', () => {
    expect(readme).not.toContain('@@');
  });
});
