// Times and money as people read them.

import { expect, test } from 'vitest';
import { duration, usd } from '../../shared/recommend/explain.ts';

test.each([
  [47.4, '47 s'],
  [59.6, '1 min 0 s'],
  [432, '7 min 12 s'],
  [7500, '2 h 5 min'],
  [10_790, '3 h 0 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [4_512, '$0.0045'],
  [1_370_000, '$1.37'],
])('%d micro-dollars are %s', (microUsd, text) => {
  expect(usd(microUsd)).toBe(text);
});
