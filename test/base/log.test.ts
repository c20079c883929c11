// Log lines as Cloud Logging reads them, and what must never stand in one.

import { describe, expect, test } from 'vitest';
import { createLog, describeError, type Moment, moments, scrub } from '../../shared/base/log.ts';

function logged(...args: Parameters<ReturnType<typeof createLog>>): Record<string, unknown> {
  const lines: string[] = [];
  createLog((line) => void lines.push(line))(...args);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

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
  ['connection failed, password=hunter2&ssl=true', 'connection failed, password=***&ssl=true'],
  ['{"password": "hunter2"}', '{"password": "***"}'],
  ['Invalid token signature: eyJhbGciOi.eyJpc3Mi.c2ln', 'Invalid token signature: ***'],
  ['the table orders has 5 rows', 'the table orders has 5 rows'],
])('scrub takes secrets out of %j', (text, clean) => {
  expect(scrub(text)).toBe(clean);
});
