// Variables in configuration values: what they expand to, and that no value can change the document.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { expandVariables } from '../../shared/plan/expand-variables.ts';
import { accepted, parse, variable } from './support.ts';

describe('one text', () => {
  test.each([
    ['plain', 'plain'],
    [variable('A'), 'one'],
    [`x-${variable('A')}-${variable('A')}`, 'x-one-one'],
    [variable('MISSING:fallback'), 'fallback'],
    [variable('MISSING:'), ''],
    [variable('MISSING:jdbc:x://h:1/d'), 'jdbc:x://h:1/d'],
    [variable('EMPTY:fallback'), ''],
    [`$${variable('A')}`, variable('A')],
    ['cost $5', 'cost $5'],
  ])('%j becomes %j', (text, expected) => {
    expect(expandVariables(text, { A: 'one', EMPTY: '' })).toMatchObject({ text: expected, problems: [] });
  });

  test.each([
    [variable('MISSING'), 'variable MISSING is not set'],
    [variable(''), 'not a variable reference'],
    [variable('1A'), 'not a variable reference'],
    ['$' + '{A', 'not a variable reference'],
    [variable('toString'), 'variable toString is not set'],
  ])('%j is a problem: %s', (text, problem) => {
    expect(expandVariables(text, { A: 'one' }).problems).toEqual([expect.stringContaining(problem)]);
  });
});

const config = (host: string, rest = '') => `sources:
  s: { type: postgres, host: "${host}", database: d${rest} }
targets: { t: { type: bigquery, dataset: w } }
loads: { l: { source: s, target: t, table: x } }`;

describe('in a configuration', () => {
  test('every missing variable is named at once', () => {
    const result = parse(config(variable('A'), `, username: "${variable('B')}"`));
    expect(result.ok ? [] : result.problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('variable A is not set'),
      expect.stringContaining('variable B is not set'),
    ]);
  });

  test('numbers and booleans may come from variables', () => {
    const text = `${config('h', `, port: "${variable('PORT')}"`)}\npolicy: { configOnlyRuns: "${variable('ALLOW')}", connectionHeadroomRatio: "${variable('RATIO')}" }`;
    const result = accepted(parse(text, { PORT: '6543', ALLOW: 'true', RATIO: '0.5' }));
    expect(result.sources.s?.port).toBe(6543);
    expect(result.policy).toMatchObject({ configOnlyRuns: true, connectionHeadroomRatio: 0.5 });
  });

  test('a text that looks like a number stays text where text is wanted', () => {
    expect(accepted(parse(config(variable('HOST')), { HOST: '10' })).sources.s?.host).toBe('10');
  });

  test('a value that is no number is refused without being shown', () => {
    const result = parse(config('h', `, port: "${variable('PORT')}"`), { PORT: 'canary' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  property.prop([fc.string({ minLength: 1, unit: 'binary' })])('any value arrives as it is', (value) => {
    const text = config('h').replace('table: x', `table: x, partitionColumn: "${variable('COLUMN')}"`);
    expect(accepted(parse(text, { COLUMN: value })).loads.l?.partitionColumn).toBe(value);
  });

  property.prop([fc.string({ maxLength: 300 })])('any text at all is answered, never thrown at', (text) => {
    const result = parse(text);
    expect(result.ok || result.problems.length > 0).toBe(true);
  });
});
