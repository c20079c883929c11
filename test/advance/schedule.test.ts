// When an active job is looked at next: often while young or nearly finished, rarely in between, never all at once.

import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { executionIdOf } from '../../shared/base/ids.ts';
import { nextPollMs, pollErrorMs } from '../../shared/engine/schedule.ts';
import { defaultSettings as settings } from '../../shared/engine/settings.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { anEndedExecution, someTime } from '../support/execution.ts';
import { aSubmitted } from '../support/scripted-engine.ts';

const minutes = 60_000;
const { estimate } = anEndedExecution();
const figures = (rangesDone: number, rangesTotal: number): Pick<Execution, 'metrics'> => ({
  metrics: { readAt: someTime, tentative: true, rangesDone, rangesTotal },
});
const expected = (estimatedDurationSec: number): Partial<Execution> =>
  estimate === undefined ? {} : { estimate: { ...estimate, estimatedDurationSec } };

describe('the next look at an active job', () => {
  test.each([
    { name: 'a minute old', age: 1, fields: {}, often: true },
    { name: 'nine minutes old', age: 9, fields: {}, often: true },
    { name: 'eleven minutes old', age: 11, fields: {}, often: false },
    { name: 'hours old', age: 300, fields: {}, often: false },
    { name: 'old, with 79 of 100 ranges done', age: 60, fields: figures(79, 100), often: false },
    { name: 'old, with 80 of 100 ranges done', age: 60, fields: figures(80, 100), often: true },
    { name: 'old, with no range at all', age: 60, fields: figures(0, 0), often: false },
    { name: 'at half of its estimated time', age: 60, fields: expected(7200), often: false },
    { name: 'at nine tenths of its estimated time', age: 108, fields: expected(7200), often: true },
    { name: 'at twice its estimated time', age: 240, fields: expected(7200), often: false },
    { name: 'old and being cancelled', age: 300, fields: { status: 'CANCELLING' as const }, often: true },
  ])('$name is soon: $often', ({ age, fields, often }) => {
    const pause = nextPollMs(settings, aSubmitted({ status: 'RUNNING', ...fields }), someTime + age * minutes);
    const base = often ? settings.pollYoungMs : settings.pollSteadyMs;
    expect(pause).toBeGreaterThanOrEqual(base * 0.9);
    expect(pause).toBeLessThanOrEqual(base * 1.1);
  });

  test('is spread: of a thousand jobs launched together few are due in the same second', () => {
    const perSecond = new Map<number, number>();
    for (let index = 0; index < 1000; index += 1) {
      const execution = aSubmitted({ runId: `run-${index}`, executionId: executionIdOf(`run-${index}`) });
      const second = Math.floor(nextPollMs(settings, execution, someTime + 60 * minutes) / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThan(20);
    expect(Math.max(...perSecond.values())).toBeLessThan(90);
  });
});

property.prop([fc.nat(100_000)])('errors make pauses that never shrink and never exceed the longest', (errors) => {
  const pause = pollErrorMs(settings, errors);
  expect(pause).toBeGreaterThanOrEqual(settings.pollYoungMs);
  expect(pause).toBeLessThanOrEqual(settings.pollErrorMaxMs);
  expect(pollErrorMs(settings, errors + 1)).toBeGreaterThanOrEqual(pause);
});
