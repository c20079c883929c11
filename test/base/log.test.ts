// Log lines as Cloud Logging reads them, and what must never stand in one.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createLog, describeError, type Moment, moments, scrub } from '../../shared/base/log.ts';

const root = resolve(import.meta.dirname, '../..');

function logged(...args: Parameters<ReturnType<typeof createLog>>): Record<string, unknown> {
  const lines: string[] = [];
  createLog((line) => void lines.push(line))(...args);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

/** Where moments are logged: by name, by a choice of two, or by what functions/settle.ts calls a problem. */
const logging = ['shared', 'functions']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name !== 'log.ts')
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  .flatMap((text) => [...text.matchAll(/\blog\(([^,{]*)|\bmoment = (.*);|\bmomentOf\(.*\{([^}]*)\}/g)])
  .flatMap(([, called = '', chosen = '', told = '']) =>
    [...`${called}${chosen}${told}`.matchAll(/'(\w+)'/g)].map(([, name]) => name),
  );

test.each(Object.keys(moments))('moment %s is logged somewhere', (moment) => {
  expect(logging).toContain(moment);
});

describe('a log line', () => {
  test.each(Object.keys(moments) as Moment[])(
    'of moment %s is one JSON object with severity, message and RFC 3339 time',
    (moment) => {
      const line = logged(moment, { executionId: 'exe-1' });
      expect(line).toMatchObject({ moment, executionId: 'exe-1', ...moments[moment] });
      expect(new Date(String(line.time)).toISOString()).toBe(line.time);
      expect(line).not.toHaveProperty('level');
    },
  );

  test('carries the trace where Cloud Logging looks for it', () => {
    expect(logged('launched', { trace: 'projects/p/traces/1' })).toMatchObject({
      'logging.googleapis.com/trace': 'projects/p/traces/1',
    });
  });

  test('holds code and message of an error, and the stack of a defect alone', () => {
    const known = Object.assign(new Error('no answer'), { code: 'UNAVAILABLE', request: { password: 'hunter2' } });
    expect(logged('pollFailed', { error: known }).error).toEqual({
      name: 'Error',
      code: 'UNAVAILABLE',
      message: 'no answer',
    });
    expect(describeError(new TypeError('x is undefined')).stack).toContain('TypeError');
  });
});

test.each([
  ['jdbc:postgresql://loader:hunter2@10.0.0.5/shop', 'jdbc:postgresql://loader:***@10.0.0.5/shop'],
  ['redis://:hunter2@10.0.0.5 refused', 'redis://:***@10.0.0.5 refused'],
  ['from a://u:one@h to b://v:two@i', 'from a://u:***@h to b://v:***@i'],
  ['https://host:8080/path of a@b.example', 'https://host:8080/path of a@b.example'],
  ['connection failed, password=hunter2&ssl=true', 'connection failed, password=***&ssl=true'],
  ['{"password": "hunter2"}', '{"password": "***"}'],
  ['Invalid token signature: eyJhbGciOi.eyJpc3Mi.c2ln', 'Invalid token signature: ***'],
  ['the table orders has 5 rows', 'the table orders has 5 rows'],
  ['write secret://local/PGPASSWORD', 'write secret://local/PGPASSWORD'],
])('scrub takes secrets out of %j', (text, clean) => {
  expect(scrub(text)).toBe(clean);
});

/** What the words of a text scrubbed so far looked like: quadratic, but plain to read. */
const plainly = (text: string) => text.replace(/(\w+:\/\/[^\s:/@]+:)[^\s@]+@/g, '$1***@');
const piece = fc.constantFrom('a', '://', ':', '/', '@', ' ', '\n', 'user', 'hunter2', 'é', '_');

property.prop([fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))])(
  'scrub leaves no URL whose password is still to be taken out',
  (text) => {
    expect(plainly(scrub(text))).toBe(scrub(text));
    expect(scrub(plainly(text))).toBe(scrub(text));
  },
);

/** Far more than a linear pass takes, far less than a quadratic one: a scrub that reads words anew is stopped instead of waited for. */
const enoughMs = 60_000;

test.each([
  ['one word', 'a'],
  ['schemes', 'a://'],
  ['users', 'a://b:'],
  ['hosts', 'a://b@'],
  ['names of secrets', 'password'],
  ['blanks after a name', 'token '],
  ['tokens begun', 'eyJ-'],
])('scrub passes once over a megabyte of %s', (_, part) => {
  const long = part.repeat(2 ** 20 / part.length);
  const text = `${long} jdbc:postgresql://loader:hunter2@db`;
  const clean = runInNewContext('scrub(text)', { scrub, text }, { timeout: enoughMs });
  expect(clean).toMatch(/ jdbc:postgresql:\/\/loader:\*\*\*@db$/);
});
