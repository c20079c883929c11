// The topics' schemas are those of the code: every event the engine publishes or takes fits, and field numbers never move.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protobuf } from 'google-gax';
import { describe, expect, test } from 'vitest';
import { eventsOf, outcomeEvent } from '../../shared/engine/announce.ts';
import { recommendationEventSchema } from '../../shared/schema/event.ts';
import { anAttempt, anEndedExecution, someTime } from '../support/execution.ts';
import { terraformFolder } from './terraform-folder.ts';
import { topicSchemas } from './topic-schemas.ts';

const written = (name: string): string => readFileSync(join(terraformFolder, 'schemas', name), 'utf8');
const names = ['recommendation.proto', 'execution.proto'];
const typeIn = (name: string, type: string) => protobuf.parse(written(name)).root.lookupType(type);

/** How JSON does not fit a proto3 message, as Pub/Sub's JSON encoding reads it: unknown fields, wrong kinds. */
function misfits(type: protobuf.Type, value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  return Object.entries(value).flatMap(([name, item]): string[] => {
    const at = `${path}/${name}`;
    const field = type.fields[name];
    if (field === undefined) return [`${at} is unknown`];
    field.resolve();
    const items = field.repeated
      ? Array.isArray(item)
        ? item
        : [Symbol('no list')]
      : field.map
        ? Object.values(item as object)
        : [item];
    return items.flatMap((each) => {
      if (each === undefined) return [];
      if (field.resolvedType instanceof protobuf.Type) return misfits(field.resolvedType, each, at);
      const fits = {
        string: typeof each === 'string',
        bool: typeof each === 'boolean',
        double: typeof each === 'number',
        int64: Number.isSafeInteger(each),
      }[field.type];
      return fits === true ? [] : [`${at} is no ${field.type}`];
    });
  });
}

describe('the schema files', () => {
  test('are what the code says; else run: node test/terraform/refresh.ts', () => {
    const now = Object.fromEntries(names.map((name) => [name, written(name)]));
    expect(topicSchemas(now)).toEqual(now);
  });

  test('have one message on top, as Pub/Sub asks, and no import', () => {
    for (const name of names) {
      expect(protobuf.parse(written(name)).root.nestedArray.length).toBe(1);
      expect(written(name)).not.toContain('import ');
    }
  });

  test('keep the number of every known field when one is added before it', () => {
    const before =
      'syntax = "proto3";\nmessage Recommendation {\n  string mode = 1;\n  message Overrides { bool truncate = 7; }\n  Overrides overrides = 9;\n}';
    const after = protobuf
      .parse(topicSchemas({ 'recommendation.proto': before })['recommendation.proto'] ?? '')
      .root.lookupType('Recommendation');
    expect(after.fields.mode?.id).toBe(1);
    expect(after.fields.overrides?.id).toBe(9);
    expect(after.fields.runId?.id).toBe(10);
    expect(after.lookupType('Overrides').fields.truncate?.id).toBe(7);
    expect(new Set(after.fieldsArray.map(({ id }) => id)).size).toBe(after.fieldsArray.length);
  });
});

describe('events', () => {
  const failure = {
    class: 'capacity' as const,
    code: 'ZONE_RESOURCE_POOL_EXHAUSTED',
    summary: 'no machines',
    evidence: ['a'],
  };
  const execution = anEndedExecution({
    failure,
    violations: [{ code: 'X', path: '/a', message: 'b' }],
    attempts: [anAttempt({ jobId: 'job-1', lastState: 'JOB_STATE_DONE', failure })],
    decisions: [{ at: someTime, attempt: 1, action: 'zone', reason: 'another zone', evidence: ['a'] }],
  });
  const published = [outcomeEvent(execution), ...eventsOf(execution).map(({ outgoing }) => outgoing)];

  test('of every kind fit the topic they are published to', () => {
    expect(published.map(({ type }) => type.split('.')[2]).sort()).toEqual([
      'attempt_failed',
      'ended',
      'running',
      'settled',
      'started',
    ]);
    for (const { type, data } of published) {
      expect(misfits(typeIn('execution.proto', 'Execution'), JSON.parse(JSON.stringify(data))), type).toEqual([]);
    }
  });

  const request = {
    runId: 'run-1',
    mode: 'BALANCED',
    executionKey: 'again',
    dryRun: true,
    overrides: {
      scenario: 'nightly',
      truncate: false,
      incremental: { from: '2026-01-01', to: '2026-02-01' },
      environment: { additionalUserLabels: { team: 'data' }, maxRuntimeSec: 600, workerZone: 'europe-west1-b' },
      guardrails: { machineFamilies: ['n2'], maxWorkers: 3, maxCostMicroUsd: 5_000_000, minThroughputMbPerSec: 1.5 },
    },
  };

  test('that ask for a run fit the topic they arrive on, with everything they may carry', () => {
    expect(recommendationEventSchema.safeParse(request).error?.issues).toBeUndefined();
    expect(misfits(typeIn('recommendation.proto', 'Recommendation'), request)).toEqual([]);
  });

  test.each([
    ['a misspelt field', { runid: 'run-1' }, '/runid is unknown'],
    ['a number for a text', { runId: 5 }, '/runId is no string'],
    [
      'a fraction for a whole number',
      { runId: 'r', overrides: { guardrails: { maxWorkers: 1.5 } } },
      '/overrides/guardrails/maxWorkers is no int64',
    ],
    [
      'a text for a list',
      { runId: 'r', overrides: { guardrails: { regions: 'eu' } } },
      '/overrides/guardrails/regions is no string',
    ],
  ])('with %s do not', (_what, event, misfit) => {
    expect(misfits(typeIn('recommendation.proto', 'Recommendation'), event)).toEqual([misfit]);
  });
});
