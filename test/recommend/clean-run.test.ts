// Which executions teach the recommender something, and what.

import { describe, expect, it } from 'vitest';
import { cleanRunOf } from '../../shared/recommend/clean-run.ts';
import { cohortRecordSchema } from '../../shared/recommend/cohort.ts';
import { recommend } from '../../shared/recommend/recommend.ts';
import { type Execution, executionSchema } from '../../shared/schema/execution.ts';
import { anAttempt, anExecution, someTime } from '../support/execution.ts';
import { question } from './support.ts';

const outcome = recommend(question());
if (!outcome.ok) throw new Error('no recommendation');
const estimate = outcome.recommendation.recommended;
const attempt = anAttempt({ candidate: estimate.candidate });

/** A clean success of the recommended candidate. */
const success = (fields: Partial<Execution> = {}): Execution =>
  executionSchema.parse(
    anExecution({
      status: 'SUCCEEDED',
      endedAt: someTime,
      templateName: 'PostgreSQL_to_BigQuery',
      attempts: [attempt],
      estimate,
      durations: { queuedSec: 1, dataflowQueuedSec: 150, startupSec: 90, runningSec: 500, totalSec: 741 },
      cost: {
        microUsd: { vcpu: 60, memory: 30, disk: 10, shuffle: 0, total: 100 },
        level: 'provisional',
        priceBook: 'us-central1/batch/2026-11-23',
        readAt: someTime,
      },
      ...fields,
    }),
  );
const reason = (fields: Partial<Execution>): string => {
  const answer = cleanRunOf(success(fields));
  return answer.ok ? 'clean' : answer.reason;
};

describe('a clean success', () => {
  it('teaches raw estimate beside actual, queue and start-up of Dataflow as one', () => {
    const answer = cleanRunOf(success());
    if (!answer.ok) throw new Error(answer.reason);
    const { record, ...key } = answer.run;
    expect(cohortRecordSchema.safeParse(record).success).toBe(true);
    expect(key).toEqual({
      load: 'orders',
      templateName: 'PostgreSQL_to_BigQuery',
      machineFamily: estimate.candidate.machineType.split('-')[0],
    });
    expect(record.raw).toEqual(estimate.raw);
    expect(record.actual).toEqual({ startupSec: 240, runningSec: 500, costMicroUsd: 100, costReadAt: someTime });
  });

  it('on FlexRS teaches no start-up: it waits by design', () => {
    const flex = { ...estimate.candidate, flexRs: true };
    const answer = cleanRunOf(success({ attempts: [{ ...attempt, candidate: flex }] }));
    expect(answer.ok ? answer.run.record.actual.startupSec : 'skipped').toBeUndefined();
  });

  it('without a cost still teaches its times', () => {
    const { cost: _cost, ...uncosted } = success();
    const answer = cleanRunOf(uncosted);
    expect(answer.ok ? answer.run.record.actual : undefined).toEqual({ startupSec: 240, runningSec: 500 });
  });
});

describe('nothing is learnt', () => {
  it.each(['FAILED', 'CANCELLED', 'REJECTED', 'RUNNING'] as const)('from an execution that ended %s', (status) => {
    expect(reason({ status })).toContain(status);
  });

  it('from one that needed a second attempt', () => {
    expect(reason({ attempts: [attempt, { ...attempt, number: 2 }] })).toMatch(/2 attempts/);
  });

  it('from an estimate of a producer that states no raw values', () => {
    const { candidate, estimatedDurationSec, estimatedCostMicroUsd, effectiveThroughputMbPerSec, bottleneck } =
      estimate;
    const foreign = { candidate, estimatedDurationSec, estimatedCostMicroUsd, effectiveThroughputMbPerSec, bottleneck };
    expect(reason({ estimate: foreign })).toMatch(/no raw values/);
  });

  it('from another machine type than the one estimated', () => {
    const other = { ...attempt.candidate, machineType: 'n1-standard-1' };
    expect(reason({ attempts: [{ ...attempt, candidate: other }] })).toMatch(/another machine type/);
  });

  it('where start-up and running time could not be told apart', () => {
    const durations = { queuedSec: 1, dataflowQueuedSec: 150, startupSec: 0, runningSec: 500, totalSec: 651 };
    expect(reason({ durations })).toMatch(/end of its start-up is unknown/);
  });
});
