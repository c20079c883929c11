// The bench of a tick does its work: every running job looked at, every end told, and its figures in the promised shape.

import { expect, test } from 'vitest';
import { advanceText, benchAdvance } from '../bench/advance.ts';

test('a small run of the bench counts one list, then what each end needs', async () => {
  const figures = await benchAdvance({ jobs: 40, finishing: 4, latencyMs: 1, ledgerLatencyMs: 0 });
  expect(figures).toMatchObject({ jobs: 40, finishing: 4, perJobCalls: 40, fewJobs: 4 });
  // Forty jobs are few: the budget holds metrics and messages of each, and none is asked for by itself.
  expect(figures.apiCalls).toBe(1 + 40 + 40);
  expect(figures.busyApiCalls).toBeGreaterThanOrEqual(1 + 4 * 3);
  expect(figures.rssMiB).toBeGreaterThan(50);
  expect(advanceText(figures)).toContain('polling each job: 40');
});
