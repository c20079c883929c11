// Poison on the recommendations topic, over real HTTP: never a 5xx for bad input; recorded once with its reasons, and acknowledged.

import { test } from '@fast-check/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, test as plainTest, vi } from 'vitest';
import { type Execution, executionSchema } from '../../shared/schema/execution.ts';
import { recommendationOf } from '../simulation/load-configs.ts';
import { deliveryBody, nastyTexts, push } from './arbitraries.ts';
import { type ServedEngine, servedEngine } from './served-engine.ts';

let served: ServedEngine;
let url: string;
beforeAll(async () => {
  served = servedEngine();
  url = await served.serve('onRecommendation');
});
afterAll(() => served.stop());

const deliver = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body) });

/** Firestore's own bounds, and the sense to stay far below them: 1 MiB a document, well-formed text, no undefined. */
function expectStorable(record: Execution): void {
  expect(executionSchema.safeParse(record).error).toBeUndefined();
  expect(JSON.stringify(record).length).toBeLessThan(100_000);
  expectSoundTexts(record);
}

function expectSoundTexts(value: unknown): void {
  expect(value).not.toBeUndefined();
  if (typeof value === 'string') expect(value.isWellFormed()).toBe(true);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    expect(key.isWellFormed()).toBe(true);
    expectSoundTexts(part);
  }
}

describe('a delivery that can never be carried out', () => {
  test.prop([deliveryBody], { numRuns: 600 })(
    'is acknowledged and recorded once, however often it comes',
    async (body) => {
      const before = new Set(served.ledger.all().map(({ executionId }) => executionId));
      expect((await deliver(body)).status).toBe(204);
      const added = served.ledger.all().filter(({ executionId }) => !before.has(executionId));
      expect(added.length).toBeLessThanOrEqual(1);
      for (const record of added) {
        expectStorable(record);
        if (record.status === 'REJECTED') expect(record.violations?.length).toBeGreaterThan(0);
      }
      const count = served.ledger.all().length;
      expect((await deliver(body)).status).toBe(204);
      expect(served.ledger.all().length).toBe(count);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  plainTest('is recorded once although each delivery counts its attempts in the envelope', async () => {
    const body = (deliveryAttempt: number) =>
      JSON.stringify({ ...(JSON.parse(push('"counted"')) as object), deliveryAttempt });
    const before = served.ledger.all().length;
    for (const attempt of [1, 2, 3]) expect((await deliver(body(attempt))).status).toBe(204);
    expect(served.ledger.all().length).toBe(before + 1);
  });

  plainTest.each([
    ['a thousand unknown fields', Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field${index}`, 1]))],
    ['an unknown field with a name of 100,000 characters', { ['n'.repeat(100_000)]: 1 }],
    ['a run id of 100,000 characters', { runId: 'r'.repeat(100_000) }],
    ['half a character in a field name', { 'half \ud800 name': 1 }],
    [
      'labels no store takes',
      { runId: 'labels', overrides: { environment: { additionalUserLabels: { '': 'x', __y__: 'z' } } } },
    ],
  ])('%s leaves a record that fits the store', async (_name, event) => {
    served.recommendations.port.write(recommendationOf('labels', 'orders'));
    const before = new Set(served.ledger.all().map(({ executionId }) => executionId));
    const status = (await deliver(push(JSON.stringify(event)))).status;
    const added = served.ledger.all().filter(({ executionId }) => !before.has(executionId));
    for (const record of added) expectStorable(record);
    expect([status, added.length]).toEqual([204, 1]);
  });

  plainTest.each(['[', '{"a":'])(
    'nested thirty thousand times (%s) is recorded, and nothing overflows',
    async (opening) => {
      const closing = opening === '[' ? ']' : '}';
      const body = push(`${opening.repeat(30_000)}1${closing.repeat(30_000)}`);
      const before = served.ledger.all().length;
      expect((await deliver(body)).status).toBe(204);
      expect(served.ledger.all().length).toBe(before + 1);
    },
  );

  plainTest('with 1 MiB is recorded, not kept', async () => {
    const before = served.ledger.all().length;
    expect((await deliver(push(JSON.stringify('x'.repeat(1_048_576))))).status).toBe(204);
    expect(served.ledger.all().length).toBe(before + 1);
    expect(served.ledger.all().at(-1)?.violations?.[0]).toMatchObject({ code: 'TOO_LARGE' });
  });

  plainTest(
    'is refused by the framework when its body is no JSON at all: Pub/Sub never sends such, and nothing crashes',
    async () => {
      const complaints = vi.spyOn(console, 'error').mockReturnValue();
      for (const body of ['{', 'not json', '\u0000', '[1,']) expect((await deliver(body)).status).toBe(400);
      complaints.mockRestore();
    },
  );
});

describe('a run id of any text', () => {
  // A world of its own: among the random deliveries above may have been one of the same run, without a recommendation.
  beforeEach(async () => {
    await served.stop();
    served = servedEngine();
    url = await served.serve('onRecommendation');
  });
  const sound = nastyTexts.filter((text) => text !== '' && text.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(text));
  plainTest.each(sound)('%j runs, under ids and names that fit everywhere', async (runId) => {
    served.recommendations.port.write(recommendationOf(runId, 'orders'));
    expect((await deliver(push(JSON.stringify({ runId })))).status).toBe(204);
    const record = served.ledger.all().find((one) => one.runId === runId) ?? expect.fail('is not recorded');
    expect(record.status).toBe('SUBMITTED');
    expectStorable(record);
    const { launchParameter } = record.attempts[0]?.request ?? expect.fail('has no attempt');
    expect(record.executionId).toMatch(/^exe-[0-9a-f]{32}$/);
    expect(launchParameter.jobName).toMatch(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
    for (const [key, value] of Object.entries(launchParameter.environment.additionalUserLabels ?? {})) {
      expect(key).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
      expect(value).toMatch(/^[a-z0-9_-]{0,63}$/);
    }
  });
});
