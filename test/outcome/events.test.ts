// What the world is told: the outcome always, the rest if the policy wants it; each once, in order, equal on republish, as published.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../shared/base/errors.ts';
import { eventsOf, outcomeEvent } from '../../shared/engine/announce.ts';
import type { OutgoingEvent } from '../../shared/engine/ports.ts';
import type { Execution } from '../../shared/schema/execution.ts';
import { executionView } from '../../shared/schema/execution-view.ts';
import { outcomeOf, outcomeSchema } from '../../shared/schema/outcome.ts';
import { anAttempt, anEndedExecution, anExecution, someTime } from '../support/execution.ts';
import { aSubmitted, finalMetrics, rewired, type ScriptedEngine, scriptedEngine } from '../support/scripted-engine.ts';

const schemaOf: Readonly<Record<string, string>> = {
  'streamnova.execution.ended.v1': 'outcome',
  'streamnova.execution.started.v1': 'attempt-phase',
  'streamnova.execution.running.v1': 'attempt-phase',
  'streamnova.execution.attempt_failed.v1': 'attempt-failed',
  'streamnova.execution.settled.v1': 'settled',
};

/** Why an event does not fit the schema that is published for its type. */
function misfit(event: OutgoingEvent): string | undefined {
  const file = new URL(`../../shared/schema/json/${schemaOf[event.type]}.schema.json`, import.meta.url);
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  // As it arrives: through JSON.
  return validate(JSON.parse(JSON.stringify(event.data)))
    ? undefined
    : `${event.type}: ${ajv.errorsText(validate.errors)}`;
}

const all = 'lifecycleEvents: [execution.started, execution.running, execution.attempt_failed, execution.settled]';
const names = (events: readonly OutgoingEvent[]) => events.map(({ type }) => type.split('.')[2]);

/** A whole life: submitted, running, failed for want of machines, launched again by hand, running, done, settled. */
async function live(stand: ScriptedEngine): Promise<Execution> {
  const { service, clock } = stand;
  const execution = aSubmitted();
  const step = async () => {
    clock.time += 60_000;
    await stand.tick();
  };
  await stand.put(execution);
  service.active = [{ id: 'job-run-1', state: 'JOB_STATE_QUEUED' }];
  await step();
  service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
  await step();
  service.active = [];
  service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_FAILED', stateAt: clock.time });
  const text = 'ZONE_RESOURCE_POOL_EXHAUSTED';
  service.messages.set('job-run-1', [{ id: '1', at: clock.time, importance: 'ERROR', text }]);
  service.metrics.set('job-run-1', finalMetrics({ read: 0, written: 0 }));
  await step();
  const read = await stand.deps.ledger.read(execution.executionId);
  const [first, second] = read?.value.attempts ?? [];
  if (read === undefined || first === undefined || second === undefined) throw new Error('no second attempt');
  await stand.deps.ledger.replace(
    { ...read.value, status: 'SUBMITTED', attempts: [first, { ...second, jobId: 'job-2', submittedAt: clock.time }] },
    read.version,
  );
  service.jobs.set('job-2', { id: 'job-2', state: 'JOB_STATE_DONE', stateAt: clock.time });
  service.metrics.set('job-2', finalMetrics({ read: 10, written: 10 }));
  for (let minute = 0; minute < 12; minute += 1) await step();
  return stand.read(execution.executionId);
}

describe('events of an execution', () => {
  test('are the outcome alone, unless the policy wants more', async () => {
    const stand = scriptedEngine();
    await live(stand);
    expect(names(stand.published)).toEqual(['ended']);
  });

  test('come in the order things happened, each once, the outcome after what led to it', async () => {
    const stand = scriptedEngine({ policy: all });
    const execution = await live(stand);
    expect(names(stand.published)).toEqual([
      'started',
      'running',
      'attempt_failed',
      'started',
      'running',
      'ended',
      'settled',
    ]);
    expect(new Set(stand.published.map(({ eventId }) => eventId)).size).toBe(7);
    expect(new Set(stand.published.map(({ orderingKey }) => orderingKey))).toEqual(new Set([execution.executionId]));
    expect(Object.keys(execution.published ?? {})).toHaveLength(6);
  });

  test('fit the schemas that are published for them', async () => {
    const stand = scriptedEngine({ policy: all });
    await live(stand);
    expect(stand.published.flatMap((event) => misfit(event) ?? [])).toEqual([]);
  });

  test('are only those the policy names', async () => {
    const stand = scriptedEngine({ policy: 'lifecycleEvents: [execution.attempt_failed]' });
    await live(stand);
    expect(names(stand.published)).toEqual(['attempt_failed', 'ended']);
    expect(stand.published[0]?.data).toMatchObject({
      attempt: 1,
      failure: { class: 'capacity' },
      decision: { attempt: 1 },
    });
  });

  test('that could not be published come with the next look, equal to what they would have been', async () => {
    const reference = scriptedEngine({ policy: all });
    const stand = scriptedEngine({ policy: all });
    for (const one of [reference, stand]) {
      await one.put(aSubmitted());
      one.service.active = [{ id: 'job-run-1', state: 'JOB_STATE_RUNNING' }];
    }
    await reference.tick();
    const mute = rewired(stand, {
      outcomes: {
        async publish() {
          throw new EngineError('UNAVAILABLE', 'the topic is down');
        },
      },
    });
    await mute.advance(Number.POSITIVE_INFINITY);
    expect((await stand.read(aSubmitted().executionId)).status).toBe('RUNNING');
    stand.clock.time += 60_000;
    await stand.tick();
    expect(names(stand.published)).toEqual(['started', 'running']);
    expect(stand.published.map(({ eventId }) => eventId)).toEqual(reference.published.map(({ eventId }) => eventId));
  });

  test('of a job too short to be seen running are told at its end', async () => {
    const stand = scriptedEngine({ policy: all });
    await stand.put(aSubmitted());
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    expect(names(stand.published)).toEqual(['started', 'running', 'ended']);
  });

  test('cost nothing while the configuration cannot be read: the outcome is published all the same', async () => {
    const stand = scriptedEngine({ policy: all });
    await stand.put(aSubmitted());
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    const blind = rewired(stand, {
      config: async () => {
        throw new EngineError('CONFIG', 'no configuration');
      },
    });
    await blind.advance(Number.POSITIVE_INFINITY);
    expect(names(stand.published)).toEqual(['ended']);
  });

  test('are none of a leg: the world hears of a three-stage load from its parent alone', async () => {
    const stand = scriptedEngine({ policy: all });
    await stand.put(aSubmitted({ parentId: 'exe-parent' }));
    stand.service.jobs.set('job-run-1', { id: 'job-run-1', state: 'JOB_STATE_DONE', stateAt: someTime });
    await stand.tick();
    expect(stand.published).toEqual([]);
  });
});

describe('an event', () => {
  const execution = anEndedExecution({
    durations: { queuedSec: 1, dataflowQueuedSec: 10, startupSec: 20, runningSec: 30, totalSec: 61 },
  });

  test('has an id that depends on its type, execution and attempt alone', () => {
    const ids = (one: Execution) =>
      [outcomeEvent(one), ...eventsOf(one).map(({ outgoing }) => outgoing)].map(({ eventId }) => eventId);
    expect(ids({ ...execution, updatedAt: execution.updatedAt + 1, pollErrors: 3 })).toEqual(ids(execution));
    expect(ids(anEndedExecution({ runId: 'other' })).some((id) => ids(execution).includes(id))).toBe(false);
  });

  test('of an outcome carries estimate beside actual: the job’s own time and money over what was forecast', () => {
    const { estimate } = outcomeOf(execution);
    expect(estimate).toMatchObject({ durationSec: 61.5, durationRatio: 0.976, costMicroUsd: 1300, costRatio: 0.949 });
  });

  test('of an outcome leads to the job of each attempt and to its log lines, as the view does', () => {
    const ended = {
      ...execution,
      attempts: [
        anAttempt({ jobId: 'job-1', jobCreatedAt: someTime }),
        anAttempt({ number: 2, jobId: 'job-2', jobCreatedAt: someTime + 60_000 }),
        anAttempt({ number: 3 }),
      ],
    };
    const links = ({
      attempts,
    }: {
      attempts: readonly { consoleUrl?: string | undefined; logsUrl?: string | undefined }[];
    }) => attempts.map(({ consoleUrl, logsUrl }) => ({ consoleUrl, logsUrl }));
    const { attempts } = outcomeOf(ended);
    expect(attempts.map(({ consoleUrl }) => consoleUrl)).toEqual([
      'https://console.cloud.google.com/dataflow/jobs/europe-west1/job-1?project=demo',
      'https://console.cloud.google.com/dataflow/jobs/europe-west1/job-2?project=demo',
      undefined,
    ]);
    expect(decodeURIComponent(attempts[1]?.logsUrl ?? '')).toContain('resource.labels.job_id="job-2"');
    expect(links(outcomeOf(ended))).toEqual(links(executionView(ended, someTime, 0)));
    expect(misfit(outcomeEvent(ended))).toBeUndefined();
  });

  test('of an outcome without the links is one still: schema v1 only grew', () => {
    const { attempts, ...rest } = outcomeOf(execution);
    const before = { ...rest, attempts: attempts.map(({ consoleUrl: _page, logsUrl: _logs, ...attempt }) => attempt) };
    expect(outcomeSchema.parse(before)).toEqual(before);
  });

  test('leaves FlexRS’s wait out of the comparison: it waits by design', () => {
    const flexRs = {
      ...execution,
      attempts: [
        anAttempt({ candidate: { machineType: 'n2-standard-4', workerCount: 2, shardCount: 8, flexRs: true } }),
      ],
    };
    expect(outcomeOf(flexRs).estimate?.durationRatio).toBe(0.813);
  });

  test.each([
    ['with every field', execution],
    ['with none', anExecution({ status: 'REJECTED', endedAt: someTime, statusReason: 'no such load' })],
    [
      'failed',
      anEndedExecution({
        status: 'FAILED',
        failure: { class: 'incomplete', code: 'INCOMPLETE', summary: 'short', evidence: [] },
      }),
    ],
  ])('of an outcome %s fits the published schema', (_, one) => {
    expect(misfit(outcomeEvent(one))).toBeUndefined();
  });
});
